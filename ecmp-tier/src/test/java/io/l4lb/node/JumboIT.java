package io.l4lb.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.counters.DropReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node whose link carries 9,000 bytes: net_tap, since net_af_xdp on veth takes no such frames and net_af_packet (22.11) says that it
 * takes 1,514 bytes whatever its rings hold. Needs root.
 */
class JumboIT {
    private static final String CONFIGURATION = """
            node: {id: jumbo, stateDirectory: STATE}
            dataplane:
              eal: ["--no-huge", "-m", "256", "--file-prefix", "PREFIX"]
              ethPorts: [{name: edge, device: "net_tap0,iface=j0"}]
              idle: backoff
              outerSource: {ipv4: 10.77.0.2}
              nextHop: "02:77:00:00:00:01"
              mtuBytes: 9000
              flowTable: {flows: 16384}
            pools:
              - {name: p, backends: [{name: b, address: 10.77.0.3}]}
            vips:
              - {name: v, address: 203.0.113.9, protocol: udp, l4Port: 53, pool: p}
            """;
    private static final String JUMBO =
            "python3 " + System.getProperty("l4lb.root") + "/ecmp-tier/src/test/resources/kernel/jumbo.py";

    @TempDir
    private Path directory;

    private final Namespaces namespaces = new Namespaces();
    private NodeProcess node;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        String reason = Namespaces.unavailableReason();
        if (!reason.isEmpty()) {
            System.err.println("JumboIT is skipped: " + reason);
        }
        assumeTrue(reason.isEmpty(), reason);
        namespaces.up();
        Path file = directory.resolve("node.yaml");
        Path state = directory.resolve("state");
        Files.writeString(
                file, CONFIGURATION.replace("STATE", state.toString()).replace("PREFIX", namespaces.prefix()));
        node = NodeProcess.start(namespaces.enter(namespaces.node()), file, state);
    }

    @AfterEach
    void end() throws IOException {
        if (node != null) {
            node.close();
        }
        namespaces.close();
    }

    @Test
    void jumboFramesGoThroughWholeUpToTheLinksMtuAndBeyondItInOuterFragments()
            throws IOException, InterruptedException {
        String said = namespaces.inside(namespaces.node(), JUMBO + " j0 203.0.113.9 53 100 8900 8980 8981 9000");
        assertThat(said.lines())
                .containsExactly("100: 120", "8900: 8920", "8980: 9000", "8981: 8996 25", "9000: 8996 44");
        assertThat(node.drops(DropReason.MULTI_SEGMENT)).isZero();
        assertThat(node.stop()).as(node.log()).isZero();
    }
}
