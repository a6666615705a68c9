package io.l4lb.node.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.cli.Main;
import io.l4lb.node.Namespaces;
import io.l4lb.node.NodeProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node whose BIRD is too old, a script in this test, says so, forwards, and takes the new one. Needs root. That BIRD is not
 * installed at all is {@code BirdMissingTest}'s: a node finds the one of this machine whatever its PATH.
 */
class BirdTooOldIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final String BIRDC = """
            #!/bin/sh
            case "$*" in
              *"show status") echo "BIRD VERSION ready."; echo "BIRD VERSION" ;;
              *"show protocols") echo "l4lb_tap_1 BGP --- up 2026-11-21 Established" ;;
              *configure) echo Reconfigured ;;
            esac
            """;
    private static final String CONFIGURATION = """
            node: {id: tap, stateDirectory: STATE}
            dataplane:
              eal: ["--no-huge", "-m", "64", "--file-prefix", "PREFIX"]
              ethPorts:
                - name: edge
                  device: "net_af_xdp0,iface=n0"
                  kernelInterface: {addresses: [10.77.0.2/24], gateways: [10.77.0.1]}
              idle: backoff
              outerSource: {ipv4: 10.77.0.2}
              flowTable: {flows: 16384}
            announce:
              daemon: bird
              configFile: BIRD/l4lb.conf
              controlSocket: BIRD/bird.ctl
              localAs: 64512
              neighbours: [{address: 10.77.0.1, as: 64500}]
              drainSeconds: 0
              stallMs: 1000
            pools:
              - {name: p, backends: [{name: b, address: 10.77.0.3}]}
            vips:
              - {name: v, address: 203.0.113.9, protocol: udp, l4Port: 53, pool: p}
            """;

    @TempDir
    private Path directory;

    private final Namespaces namespaces = new Namespaces();
    private Path configuration;
    private NodeProcess node;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        String reason = Namespaces.unavailableReason();
        if (!reason.isEmpty()) {
            System.err.println("BirdTooOldIT is skipped: " + reason);
        }
        assumeTrue(reason.isEmpty(), reason);
        install("bird", "#!/bin/sh\nexit 0\n");
        install("birdc", BIRDC.replace("VERSION", "1.6.8"));
        namespaces.up();
        namespaces.inside(namespaces.node(), "sysctl -qw net.ipv6.conf.n0.disable_ipv6=1");
        for (String address : List.of("10.77.0.1", "10.77.0.3")) {
            namespaces.inside(namespaces.router(), "ip address add " + address + "/24 dev r0");
        }
        namespaces.inside(namespaces.router(), "ip route add 203.0.113.9/32 via 10.77.0.2");
        configuration = directory.resolve("node.yaml");
        Path state = directory.resolve("state");
        Files.writeString(
                configuration,
                CONFIGURATION
                        .replace("STATE", state.toString())
                        .replace("PREFIX", namespaces.prefix())
                        .replace("BIRD", directory.toString()));
        List<String> prefix = new ArrayList<>(namespaces.enter(namespaces.node()));
        prefix.addAll(List.of("env", "PATH=" + directory.resolve("programs") + ":" + System.getenv("PATH")));
        node = NodeProcess.start(prefix, configuration, state);
    }

    @AfterEach
    void end() throws IOException {
        if (node != null) {
            node.close();
        }
        namespaces.close();
    }

    /** In one step, or it might be run half written. */
    private void install(String program, String text) throws IOException {
        Path programs = Files.createDirectories(directory.resolve("programs"));
        Path next = Files.writeString(directory.resolve("next"), text);
        assertThat(next.toFile().setExecutable(true)).isTrue();
        Files.move(next, programs.resolve(program), StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void theNodeSaysSoForwardsAndTakesTheNewOne() throws IOException, InterruptedException {
        awaitStatus("\"problem\":\"BIRD 1.6.8 is too old: 2.0 or newer is needed\"");
        assertThat(status()).contains("\"version\":\"1.6.8\"", "\"state\":\"unknown\"");
        assertThat(node.log()).contains("BIRD 1.6.8 is too old", "forwarding goes on, tried again every second");
        assertForwards();
        install("birdc", BIRDC.replace("VERSION", "2.0.12"));
        awaitStatus("\"problem\":\"\"");
        assertThat(status()).contains("\"version\":\"2.0.12\"", "\"state\":\"Established\"");
        assertForwards();
    }

    private void assertForwards() throws IOException, InterruptedException {
        String[] sentAndBack = Namespaces.outputOf(namespaces.traffic(namespaces.router(), "vip 203.0.113.9 53 200 1"))
                .split(" ", -1);
        assertThat(sentAndBack[1]).as("came back encapsulated").isEqualTo(sentAndBack[0]);
    }

    private void awaitStatus(String words) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (!status().contains(words)) {
            assertThat(System.nanoTime() - deadlineNs)
                    .as("%s with the log\n%s", status(), node.log())
                    .isNegative();
            Thread.sleep(POLL);
        }
    }

    private String status() {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.run(
                new String[] {"status", "-c", configuration.toString(), "--json"},
                new PrintWriter(out, true),
                new PrintWriter(err, true));
        assertThat(exitCode).as(err.toString()).isZero();
        return out.toString().replace("\" : ", "\":");
    }
}
