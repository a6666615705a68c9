package io.l4lb.node.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.counters.DropReason;
import io.l4lb.node.Namespaces;
import io.l4lb.node.NodeProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that owns its NIC, and whose BIRD speaks BGP and BFD (50 ms x 3) with a router's BIRD through the twin tap: the
 * session while VIP traffic runs and junk floods, and how soon the router stops using a node that is frozen or killed, both
 * of which take the way of BGP with them. Needs root and bird2. Prints its figures.
 */
class TwinTapBgpIT {
    private static final String ROUTER = "10.77.0.1";
    private static final String NODE = "10.77.0.2";
    private static final String VIP = "203.0.113.9";
    private static final String ADDED_VIP = "203.0.113.10";
    /** What l4lb calls the session in the node's BIRD. */
    private static final String NODES_SESSION = "l4lb_tap_1";

    private static final String ROUTERS_SESSION = "node";
    private static final int VIP_PACKETS_PER_SECOND = 2000;
    private static final int JUNK_PACKETS_PER_SECOND = 50_000;
    /** Longer than BGP's hold time of 9 s: without keepalives the session would not outlast it. */
    private static final int JUNK_SECONDS = 12;
    /** What issue 4 asks for. */
    private static final Duration FAILURE = Duration.ofMillis(300);

    /** The namespaces are gone when somebody reads of a failure, so the failure quotes the node. */
    @RegisterExtension
    final TestExecutionExceptionHandler quotesTheNode = (_, failure) -> {
        throw new AssertionError(failure.getMessage() + log(), failure);
    };

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(50);
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
              stallMs: 100   # node, router and generators share this machine's CPUs
            pools:
              - {name: p, backends: [{name: b, address: 10.77.0.3}]}
            vips:
              - {name: v, address: 203.0.113.9, protocol: udp, l4Port: 53, pool: p}
            """;
    private static final String ROUTERS_BIRD = """
            router id 10.77.0.1;
            protocol kernel { ipv4 { export where source = RTS_BGP; }; scan time 10; }
            protocol bfd { interface "r0" { min rx interval 50 ms; min tx interval 50 ms; idle tx interval 300 ms; multiplier 3; }; }
            protocol bgp node {
              local 10.77.0.1 as 64500;
              neighbor 10.77.0.2 as 64512;
              hold time 9; keepalive time 3; connect delay time 1; connect retry time 1; error wait time 1, 2;
              bfd on;
              ipv4 { import where net ~ [ 203.0.113.0/24{32,32} ]; export none; };
            }
            """;

    @TempDir
    private Path directory;

    private final Namespaces namespaces = new Namespaces();
    private RouteMonitor route;
    private Path configuration;
    private BirdProcess routersBird;
    private BirdProcess nodesBird;
    private NodeProcess node;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        String reason = BirdProcess.isInstalled() ? Namespaces.unavailableReason() : "bird2 is not installed";
        if (!reason.isEmpty()) {
            System.err.println("TwinTapBgpIT is skipped: " + reason);
        }
        assumeTrue(reason.isEmpty(), reason);
        namespaces.up();
        namespaces.inside(namespaces.node(), "sysctl -qw net.ipv6.conf.n0.disable_ipv6=1");
        for (String address : List.of(ROUTER, "10.77.0.3")) {
            namespaces.inside(namespaces.router(), "ip address add " + address + "/24 dev r0");
        }
        route = new RouteMonitor(namespaces, namespaces.router(), VIP);
        Path birdOfNode = directory.resolve("node-bird");
        routersBird =
                BirdProcess.start(namespaces, namespaces.router(), directory.resolve("router-bird"), ROUTERS_BIRD);
        nodesBird = BirdProcess.start(
                namespaces,
                namespaces.node(),
                birdOfNode,
                "router id 10.77.0.2;\ninclude \"" + birdOfNode + "/l4lb*.conf\";\n");
        configuration = directory.resolve("node.yaml");
        Path state = directory.resolve("state");
        Files.writeString(
                configuration,
                CONFIGURATION
                        .replace("STATE", state.toString())
                        .replace("PREFIX", namespaces.prefix())
                        .replace("BIRD", birdOfNode.toString()));
        node = NodeProcess.start(namespaces.enterFirst(namespaces.node()), configuration, state);
    }

    @AfterEach
    void end() throws IOException {
        if (node != null) {
            node.close();
        }
        namespaces.close();
    }

    @Test
    void bgpAndBfdGoThroughTheTwinTapWhateverElseRuns() throws IOException, InterruptedException {
        awaitSessions();
        route.awaitVia(NODE);
        List<String> before = sessions();
        Process vip = traffic("vip " + VIP + " 53 " + VIP_PACKETS_PER_SECOND + " " + (JUNK_SECONDS + 3));
        Process junk = traffic(
                "junk r0 " + Namespaces.NODE_MAC + " " + NODE + " " + JUNK_PACKETS_PER_SECOND + " " + JUNK_SECONDS);
        node.awaitCounters(counters -> NodeProcess.drops(counters, DropReason.PUNT_RATE) > 0);
        addVip();
        new RouteMonitor(namespaces, namespaces.router(), ADDED_VIP).awaitVia(NODE);
        assertThat(junk.isAlive())
                .as("junk floods while the router learns a route")
                .isTrue();
        long junkSent = Long.parseLong(Namespaces.outputOf(junk));
        long[] sentAndBack = Arrays.stream(Namespaces.outputOf(vip).split(" ", -1))
                .mapToLong(Long::parseLong)
                .toArray();
        System.out.printf(
                "TwinTapBgpIT: %d junk packets in %d s, %d dropped (punt-rate); VIP traffic %d sent, %d came back"
                        + " encapsulated%n",
                junkSent, JUNK_SECONDS, node.drops(DropReason.PUNT_RATE), sentAndBack[0], sentAndBack[1]);
        sessions().forEach(row -> System.out.println("TwinTapBgpIT: " + row));
        assertThat(sessions()).as("the same sessions, of the same age").isEqualTo(before);
        // the rest is lost where the NIC has no room, on a machine that is busy
        assertThat(sentAndBack[1]).isGreaterThan(sentAndBack[0] * 9 / 10);

        measure("SIGSTOP", "STOP");
        node.signal("CONT");
        awaitSessions();
        route.awaitVia(NODE);
        measure("SIGKILL", "KILL");
    }

    private void measure(String words, String signal) throws IOException, InterruptedException {
        Duration gone = route.untilGone(() -> node.signal(signal));
        System.out.printf("TwinTapBgpIT: %s: route gone from the router after %d ms%n", words, gone.toMillis());
        assertThat(gone).as(words).isLessThan(FAILURE);
    }

    private String log() throws IOException {
        return node == null ? "" : "\nwith the log\n" + node.log();
    }

    private Process traffic(String arguments) throws IOException {
        return namespaces.traffic(namespaces.router(), arguments);
    }

    private void addVip() throws IOException, InterruptedException {
        Files.writeString(
                configuration,
                Files.readString(configuration) + "  - {name: added, address: " + ADDED_VIP
                        + ", protocol: udp, l4Port: 53, pool: p}\n");
        node.reload();
    }

    /** {@return what both BIRDs say of BGP and BFD: states, and since when} */
    private List<String> sessions() throws IOException, InterruptedException {
        return List.of(
                routersBird.session(ROUTERS_SESSION),
                routersBird.bfd(NODE),
                nodesBird.session(NODES_SESSION),
                nodesBird.bfd(ROUTER));
    }

    private void awaitSessions() throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (!areUp(sessions())) {
            assertThat(System.nanoTime() - deadlineNs)
                    .as("%s with the log\n%s", sessions(), node.log())
                    .isNegative();
            Thread.sleep(POLL);
        }
    }

    private static boolean areUp(List<String> rows) {
        return rows.stream().allMatch(row -> row.contains(" Established") || row.contains(" Up "));
    }
}
