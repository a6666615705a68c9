package io.l4lb.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose kernel keeps the NIC: what its filter hands over at a reload, and to whom it belongs. Needs root. */
class XdpFilterIT {
    private static final String VIP = "203.0.113.9";
    private static final String ADDED_VIP = "203.0.113.10";
    private static final int PACKETS_PER_SECOND = 5000;
    private static final int RELOADS = 10;
    private static final String CONFIGURATION = """
            node: {id: filtered, stateDirectory: STATE}
            dataplane:
              eal: ["--no-huge", "-m", "64", "--file-prefix", "PREFIX"]
              ethPorts: [{name: edge, device: "net_af_xdp0,iface=n0", xdpFilter: true}]
              idle: backoff
              outerSource: {ipv4: 10.77.0.2}
              flowTable: {flows: 16384}
            pools:
              - {name: p, backends: [{name: b, address: 10.77.0.3}]}
            vips:
              - {name: v, address: 203.0.113.9, protocol: udp, l4Port: 53, pool: p}
            """;
    private static final String ADDED =
            "  - {name: added, address: " + ADDED_VIP + ", protocol: udp, l4Port: 53, pool: p}\n";

    @TempDir
    private Path directory;

    private final Namespaces namespaces = new Namespaces();
    private NodeProcess node;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        String reason = Namespaces.unavailableReason();
        if (!reason.isEmpty()) {
            System.err.println("XdpFilterIT is skipped: " + reason);
        }
        assumeTrue(reason.isEmpty(), reason);
        namespaces.up();
        namespaces.inside(namespaces.node(), "ip address add 10.77.0.2/24 dev n0");
        for (String address : List.of("10.77.0.1/24", "10.77.0.3/24")) {
            namespaces.inside(namespaces.router(), "ip address add " + address + " dev r0");
        }
        for (String vip : List.of(VIP, ADDED_VIP)) {
            namespaces.inside(namespaces.router(), "ip route add " + vip + "/32 via 10.77.0.2");
        }
        node = startNode("first");
    }

    private NodeProcess startNode(String name) throws IOException, InterruptedException {
        Path own = Files.createDirectories(directory.resolve(name));
        String text = CONFIGURATION
                .replace("STATE", own.resolve("state").toString())
                .replace("PREFIX", namespaces.prefix() + name);
        Files.writeString(own.resolve("node.yaml"), text);
        return NodeProcess.start(namespaces.enter(namespaces.node()), own.resolve("node.yaml"), own.resolve("state"));
    }

    @AfterEach
    void end() throws IOException {
        if (node != null) {
            node.close();
        }
        namespaces.close();
    }

    @Test
    void packetsOfAVipThatAReloadBringsComeWhenTheWorkersKnowIt() throws IOException, InterruptedException {
        Path file = directory.resolve("first/node.yaml");
        String without = Files.readString(file);
        Process traffic =
                namespaces.traffic(namespaces.router(), "vip " + ADDED_VIP + " 53 " + PACKETS_PER_SECOND + " 60");
        for (int i = 0; i < RELOADS; i++) {
            long forwarded = node.counters().total(WorkerCounter.TX_PACKETS);
            long dropped = node.drops(DropReason.PUNT_UNAVAILABLE);
            Files.writeString(file, without + ADDED);
            node.reload();
            node.awaitCounters(counters -> counters.total(WorkerCounter.TX_PACKETS) > forwarded + 100);
            assertThat(node.drops(DropReason.PUNT_UNAVAILABLE))
                    .as("packets that a worker did not know the VIP of")
                    .isEqualTo(dropped);
            Files.writeString(file, without);
            node.reload();
        }
        assertThat(traffic.isAlive()).as("traffic runs to the end").isTrue();
        long left = node.counters().total(WorkerCounter.RX_PACKETS);
        node.awaitCounters(counters -> counters.total(WorkerCounter.RX_PACKETS) >= left);
        assertThat(node.stop()).as(node.log()).isZero();
        assertThat(node.counters().total(WorkerCounter.RX_PACKETS))
                .as("after the last removal nothing comes any more")
                .isLessThan(left + PACKETS_PER_SECOND / 10);
    }

    @Test
    void aSecondNodeIsRefusedTheInterfaceOfOneThatLives() throws IOException, InterruptedException {
        assertThatThrownBy(() -> startNode("second"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("interface n0 is in use by another node, process ");
        String[] sentAndBack = Namespaces.outputOf(namespaces.traffic(namespaces.router(), "vip " + VIP + " 53 200 1"))
                .split(" ", -1);
        assertThat(sentAndBack[1]).as("the first forwards on").isEqualTo(sentAndBack[0]);
        assertThat(node.stop()).as(node.log()).isZero();
    }
}
