package io.l4lb.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.config.DataplaneConfig;
import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that owns its NIC, beside a router that is also its only backend: what the kernel does through the twin tap, and
 * how next hops are followed through it. Needs root. Prints its figures.
 */
class TwinTapIT {
    private static final Pattern LOSS = Pattern.compile("(\\d+) packets transmitted, (\\d+) received");
    private static final int VIP_PACKETS_PER_SECOND = 2000;
    /** Ten times what a worker hands to the kernel; more than that is the benchmark's matter, not this machine's. */
    private static final int JUNK_PACKETS_PER_SECOND = 50_000;

    private static final int JUNK_SECONDS = 6;
    /** Of the limit: junk is UDP, whose class has 10 of 100, and SYN, which has 5 ({@code PuntLimit}). */
    private static final int JUNK_PER_SECOND = DataplaneConfig.DEFAULT_PUNT_PACKETS_PER_SECOND * 15 / 100;

    /** Pings, lines over TCP and their acknowledgements, ARP and ND, and what the classes may take at once: 20 ms each. */
    private static final int BESIDES_JUNK = 1000;

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final String CONFIGURATION = """
            node: {id: tap, stateDirectory: STATE}
            dataplane:
              eal: ["--no-huge", "-m", "64", "--file-prefix", "PREFIX"]
              ethPorts:
                - name: edge
                  device: "net_af_xdp0,iface=n0"
                  kernelInterface: {addresses: [10.77.0.2/24, "fd77::2/64"], gateways: [10.77.0.1, "fd77::1"]}
              idle: backoff
              outerSource: {ipv4: 10.77.0.2}
              flowTable: {flows: 16384}
            pools:
              - {name: p, backends: [{name: b, address: 10.77.0.3}]}
            vips:
              - {name: v, address: 203.0.113.9, protocol: udp, l4Port: 53, pool: p}
            """;

    @TempDir
    private Path directory;

    private final Namespaces namespaces = new Namespaces();
    private NodeProcess node;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        String reason = Namespaces.unavailableReason();
        if (!reason.isEmpty()) {
            System.err.println("TwinTapIT is skipped: " + reason);
        }
        assumeTrue(reason.isEmpty(), reason);
        namespaces.up();
        namespaces.inside(namespaces.node(), "sysctl -qw net.ipv6.conf.n0.disable_ipv6=1");
        for (String address : List.of("10.77.0.1/24", "10.77.0.3/24", "fd77::1/64")) {
            router("ip address add " + address + " dev r0" + (address.startsWith("fd") ? " nodad" : ""));
        }
        router("ip route add 203.0.113.9/32 via 10.77.0.2");
        Path configuration = directory.resolve("node.yaml");
        Path state = directory.resolve("state");
        Files.writeString(
                configuration, CONFIGURATION.replace("STATE", state.toString()).replace("PREFIX", namespaces.prefix()));
        node = NodeProcess.start(namespaces.enter(namespaces.node()), configuration, state);
    }

    @AfterEach
    void end() throws IOException, InterruptedException {
        if (node != null) {
            node.close();
        }
        namespaces.close();
    }

    private String router(String command) throws IOException, InterruptedException {
        return namespaces.inside(namespaces.router(), command);
    }

    private Process traffic(String namespace, String arguments) throws IOException {
        return namespaces.traffic(namespace, arguments);
    }

    @Test
    void kernelIsReachedWhileVipTrafficRunsAndJunkFloods() throws IOException, InterruptedException {
        Process server = traffic(namespaces.node(), "serve 10.77.0.2 2222");
        Process vip =
                traffic(namespaces.router(), "vip 203.0.113.9 53 " + VIP_PACKETS_PER_SECOND + " " + (JUNK_SECONDS + 4));
        report("before the junk", exchange());
        long startNs = System.nanoTime();
        long puntedBefore = node.counters().total(WorkerCounter.PUNTED_PACKETS);
        Process junk = traffic(
                namespaces.router(),
                "junk r0 " + Namespaces.NODE_MAC + " 10.77.0.2 " + JUNK_PACKETS_PER_SECOND + " " + JUNK_SECONDS);
        node.awaitCounters(counters -> NodeProcess.drops(counters, DropReason.PUNT_RATE) > 0);
        router("ip neigh flush dev r0"); // ARP and ND have to pass the junk as well
        double[] during = exchange();
        assertThat(junk.isAlive())
                .as("junk floods until the end of the exchange")
                .isTrue();
        report("while junk floods", during);
        long junkSent = Long.parseLong(Namespaces.outputOf(junk));
        double junkSeconds = (System.nanoTime() - startNs) / 1e9;
        long[] sentAndBack = Arrays.stream(Namespaces.outputOf(vip).split(" ", -1))
                .mapToLong(Long::parseLong)
                .toArray();
        server.destroy();

        CounterSnapshot counters = node.counters();
        long punted = counters.total(WorkerCounter.PUNTED_PACKETS) - puntedBefore;
        System.out.printf(
                "TwinTapIT: junk %d packets, %d handed to the kernel, %d dropped (punt-rate); VIP traffic %d sent, %d came"
                        + " back encapsulated%n",
                junkSent, punted, NodeProcess.drops(counters, DropReason.PUNT_RATE), sentAndBack[0], sentAndBack[1]);
        assertThat(during[0]).as("pings answered, of 40").isGreaterThanOrEqualTo(36);
        // at most what the limit allows in that time, however busy the machine is; fewer when it has held the worker up
        assertThat(punted)
                .as("handed to the kernel in %.1f s", junkSeconds)
                .isBetween(
                        JUNK_PER_SECOND * JUNK_SECONDS / 2L, Math.round(JUNK_PER_SECOND * junkSeconds) + BESIDES_JUNK);
        assertThat(NodeProcess.drops(counters, DropReason.PUNT_RATE)).isGreaterThan(junkSent / 2);
        // the rest is lost where the NIC has no room, on a machine that is busy
        assertThat(sentAndBack[1]).isGreaterThan(sentAndBack[0] * 9 / 10);
    }

    /** {@return pings answered of 40, half of them IPv6; median and longest time of a line over TCP, in milliseconds} */
    private double[] exchange() throws IOException, InterruptedException {
        Process ping4 = namespaces.start(namespaces.router(), "ping -q -c 20 -i 0.05 -W 2 10.77.0.2");
        Process ping6 = namespaces.start(namespaces.router(), "ping -q -c 20 -i 0.05 -W 2 fd77::2");
        String[] echo = Namespaces.outputOf(traffic(namespaces.router(), "echo 10.77.0.2 2222 50 0.02"))
                .split(" ", -1);
        int answered = 0;
        for (Process ping : List.of(ping4, ping6)) {
            Matcher matcher = LOSS.matcher(Namespaces.outputOf(ping));
            assertThat(matcher.find()).isTrue();
            answered += Integer.parseInt(matcher.group(2));
        }
        assertThat(echo[0]).isEqualTo("50");
        return new double[] {answered, Double.parseDouble(echo[1]), Double.parseDouble(echo[2])};
    }

    private static void report(String when, double... exchange) {
        System.out.printf(
                "TwinTapIT: %s: %.0f of 40 pings answered; a line over TCP: median %.1f ms, longest %.1f ms%n",
                when, exchange[0], exchange[1], exchange[2]);
    }

    @Test
    void nextHopsAreFollowed() throws IOException, InterruptedException {
        assertThat(forwarded()).as("at first").isTrue();

        router("sysctl -qw net.ipv4.conf.r0.arp_notify=1"); // a router that is taken over says so
        changesBy("gateway has another MAC", () -> router("ip link set r0 address 02:77:00:00:00:99"));
        assertThat(forwarded()).as("to the new MAC").isTrue();

        changesBy("route is gone", () -> onNode("ip route add unreachable 10.77.0.3/32"));
        assertThat(dropsWhileForwarding()).isPositive();
        changesBy("route is back", () -> onNode("ip route del unreachable 10.77.0.3/32"));
        assertThat(forwarded()).as("by the route that is back").isTrue();

        router("ip address del 10.77.0.3/24 dev r0");
        changesBy("neighbour is silent (the kernel probes for 3 s)", () -> {
            onNode("ip neigh change 10.77.0.3 dev edge-tap nud probe");
        });
        assertThat(dropsWhileForwarding()).isPositive();
        changesBy("neighbour answers again", () -> router("ip address add 10.77.0.3/24 dev r0"));
        assertThat(forwarded()).as("to the neighbour that answers again").isTrue();
        assertThat(node.stop()).as(node.log()).isZero();
    }

    private interface Action {
        void run() throws IOException, InterruptedException;
    }

    private void onNode(String command) throws IOException, InterruptedException {
        namespaces.inside(namespaces.node(), command);
    }

    /** Waits until the node has taken over what an action has changed, and prints how long that took. */
    private void changesBy(String what, Action action) throws IOException, InterruptedException {
        long before = changes();
        action.run();
        long startNs = System.nanoTime();
        while (changes() == before) {
            assertThat(System.nanoTime() - startNs).as(node.log()).isLessThan(LIMIT.toNanos());
            Thread.sleep(POLL);
        }
        System.out.printf("TwinTapIT: %s: followed after %d ms%n", what, (System.nanoTime() - startNs) / 1_000_000);
    }

    private long changes() throws IOException {
        return node.log()
                .lines()
                .filter(line -> line.contains("next hops have changed"))
                .count();
    }

    private boolean forwarded() throws IOException, InterruptedException {
        String[] sentAndBack = Namespaces.outputOf(traffic(namespaces.router(), "vip 203.0.113.9 53 200 1"))
                .split(" ", -1);
        return sentAndBack[0].equals(sentAndBack[1]);
    }

    private long dropsWhileForwarding() throws IOException, InterruptedException {
        long before = node.drops(DropReason.NEXT_HOP_UNRESOLVED);
        assertThat(forwarded()).isFalse();
        node.awaitCounters(counters -> NodeProcess.drops(counters, DropReason.NEXT_HOP_UNRESOLVED) > before);
        return node.drops(DropReason.NEXT_HOP_UNRESOLVED) - before;
    }
}
