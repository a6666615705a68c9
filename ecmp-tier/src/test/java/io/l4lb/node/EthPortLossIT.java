package io.l4lb.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.cli.Main;
import io.l4lb.counters.WorkerCounter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Interfaces that go down, vanish and come back under a node, in both layouts: it says so, withdraws, and forwards again by
 * the pins that it has, without a restart. Needs root. Prints its figures.
 */
class EthPortLossIT {
    private static final String VIP = "203.0.113.9";
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(20);
    /** More often than the mbufs of one pool would last if each loss lost some. */
    private static final int LOSSES = 4;

    private static final String TWIN_TAP = "kernelInterface: {addresses: [10.77.0.2/24]}";
    private static final String XDP_FILTER = "xdpFilter: true";
    private static final String CONFIGURATION = """
            node: {id: lossy, stateDirectory: STATE}
            dataplane:
              eal: ["--no-huge", "-m", "64", "--file-prefix", "PREFIX"]
              ethPorts: [{name: edge, device: "net_af_xdp0,iface=n0", LAYOUT}]
              idle: backoff
              outerSource: {ipv4: 10.77.0.2}
              flowTable: {flows: 16384}
            announce: {daemon: none, stallMs: 1000, drainSeconds: 0}
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

    private void start(String layout) throws IOException, InterruptedException {
        String reason = Namespaces.unavailableReason();
        if (!reason.isEmpty()) {
            System.err.println("EthPortLossIT is skipped: " + reason);
        }
        assumeTrue(reason.isEmpty(), reason);
        namespaces.up();
        giveAddresses(layout);
        configuration = directory.resolve("node.yaml");
        Path state = directory.resolve("state");
        Files.writeString(
                configuration,
                CONFIGURATION
                        .replace("STATE", state.toString())
                        .replace("PREFIX", namespaces.prefix())
                        .replace("LAYOUT", layout));
        node = NodeProcess.start(namespaces.enter(namespaces.node()), configuration, state);
        awaitAnnounced(true, "at first");
        assertThat(forwards()).as(node.log()).isTrue();
    }

    @AfterEach
    void end() throws IOException {
        if (node != null) {
            node.close();
        }
        namespaces.close();
    }

    /** What an operator's network configuration does. */
    private void giveAddresses(String layout) throws IOException, InterruptedException {
        for (String address : List.of("10.77.0.1", "10.77.0.3")) {
            namespaces.inside(namespaces.router(), "ip address add " + address + "/24 dev r0");
        }
        namespaces.inside(namespaces.router(), "ip route add " + VIP + "/32 via 10.77.0.2");
        if (layout.equals(XDP_FILTER)) {
            namespaces.inside(namespaces.node(), "ip address add 10.77.0.2/24 dev n0");
        } else {
            namespaces.inside(namespaces.node(), "sysctl -qw net.ipv6.conf.n0.disable_ipv6=1");
        }
    }

    @Test
    void aNicUnderATwinTapVanishesAndComesBack() throws IOException, InterruptedException {
        start(TWIN_TAP);
        linkGoesDownAndUp();
        vanishesAndComesBack(TWIN_TAP);
        namespaces.inside(namespaces.node(), "ip link del edge-tap");
        node.awaitLines("ethPort edge: interface edge-tap is gone", 1);
        awaitForwarding("twin tap removed by somebody: the node's own again");
        assertThat(namespaces.inside(namespaces.node(), "ip address show dev edge-tap"))
                .contains("10.77.0.2/24");
        endsInOrder();
    }

    @Test
    void aNicUnderAnXdpFilterVanishesAndComesBack() throws IOException, InterruptedException {
        start(XDP_FILTER);
        linkGoesDownAndUp();
        vanishesAndComesBack(XDP_FILTER);
        endsInOrder();
    }

    private void endsInOrder() throws IOException, InterruptedException {
        assertThat(node.stop()).as(node.log()).isZero();
        assertThat(node.counters().total(WorkerCounter.ERRORS)).isZero();
        assertThat(node.counters().total(WorkerCounter.FLOW_REPINS)).isZero();
        assertThat(namespaces.inside(namespaces.node(), "ip link show dev n0")).doesNotContain("xdp");
    }

    private void linkGoesDownAndUp() throws IOException, InterruptedException {
        namespaces.inside(namespaces.router(), "ip link set r0 down");
        awaitAnnounced(false, "link down: withdrawn");
        assertThat(ethPorts()).contains("link down");
        namespaces.inside(namespaces.router(), "ip link set r0 up");
        namespaces.inside(namespaces.router(), "ip route replace " + VIP + "/32 via 10.77.0.2");
        awaitForwarding("link up: forwards again");
    }

    private void vanishesAndComesBack(String layout) throws IOException, InterruptedException {
        for (int i = 0; i < LOSSES; i++) {
            namespaces.inside(namespaces.router(), "ip link del r0");
            awaitAnnounced(false, "interface gone: withdrawn");
            // the link goes down first, for as long as the kernel takes to remove the rest
            node.awaitLines("interface n0 is gone", i + 1L);
            assertThat(ethPorts()).contains("interface n0 is gone");
            namespaces.connect();
            giveAddresses(layout);
            awaitForwarding("interface there again: forwards");
        }
        assertThat(ethPorts()).contains("\"edge\" : \"up\"");
        assertThat(node.log()).contains("is withdrawn: ethPort edge: interface n0 is gone");
    }

    private void awaitForwarding(String words) throws IOException, InterruptedException {
        long startNs = System.nanoTime();
        while (!forwards()) {
            assertThat(System.nanoTime() - startNs)
                    .as("%s\n%s", words, node.log())
                    .isLessThan(LIMIT.toNanos());
        }
        report(words, startNs);
        awaitAnnounced(true, "and announced again");
    }

    private void awaitAnnounced(boolean announced, String words) throws IOException, InterruptedException {
        long startNs = System.nanoTime();
        while (announced() != announced) {
            assertThat(System.nanoTime() - startNs)
                    .as("%s\n%s", words, node.log())
                    .isLessThan(LIMIT.toNanos());
            Thread.sleep(POLL);
        }
        report(words, startNs);
    }

    private static void report(String words, long startNs) {
        System.out.printf("EthPortLossIT: %s after %d ms%n", words, (System.nanoTime() - startNs) / 1_000_000);
    }

    private boolean announced() throws IOException, InterruptedException {
        return namespaces
                .inside(namespaces.node(), "ip route show table all dev l4lb-lossy")
                .contains(VIP);
    }

    /** {@return whether all of some packets to the VIP came back encapsulated} */
    private boolean forwards() throws IOException, InterruptedException {
        String[] sentAndBack = Namespaces.outputOf(
                        namespaces.traffic(namespaces.router(), "vip " + VIP + " 53 200 0.2"))
                .split(" ", -1);
        return !sentAndBack[1].equals("0") && sentAndBack[0].equals(sentAndBack[1]);
    }

    /** {@return what {@code status} says of ethPorts} */
    private String ethPorts() {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.run(
                new String[] {"status", "-c", configuration.toString(), "--json"},
                new PrintWriter(out, true),
                new PrintWriter(err, true));
        assertThat(exitCode).as(err.toString()).isZero();
        return out.toString();
    }
}
