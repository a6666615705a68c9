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
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * FRR in the place of BIRD on the node, as docs/announce.md has it: what the router (BIRD, BFD 50 ms x 3) learns, and how soon
 * it stops using the node. Needs root, bird2 and frr. Prints its figures.
 */
class FrrAnnounceIT {
    private static final String VIP = "203.0.113.9";
    private static final String VIP6 = "2001:db8:f::9";
    private static final Duration FAILURE = Duration.ofMillis(300);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final String CONFIGURATION = """
            node: {id: lb1, stateDirectory: STATE}
            dataplane:
              eal: ["--no-huge", "-m", "64", "--file-prefix", "PREFIX"]
              ethPorts: [{name: edge, device: "net_af_xdp0,iface=n0", xdpFilter: true}]
              idle: backoff
              outerSource: {ipv4: 10.77.0.2, ipv6: "fd77::2"}
              flowTable: {flows: 16384}
            announce: {daemon: none, kernelTable: 254, stallMs: 100, drainSeconds: 0}
            pools:
              - {name: p, backends: [{name: b, address: 10.77.0.3}]}
            vips:
              - {name: v, address: 203.0.113.9, l4Port: 80, pool: p}
              - {name: v6, address: "2001:db8:f::9", l4Port: 80, pool: p}
            """;
    /** The text of docs/announce.md, with the addresses of this test. */
    private static final String FRR = """
            frr defaults datacenter
            router bgp 64512
             bgp router-id 10.77.0.2
             no bgp ebgp-requires-policy
             coalesce-time 0
             neighbor 10.77.0.1 remote-as 64500
             neighbor 10.77.0.1 bfd
             address-family ipv4 unicast
              redistribute kernel route-map l4lb
             exit-address-family
             address-family ipv6 unicast
              neighbor 10.77.0.1 activate
              redistribute kernel route-map l4lb
             exit-address-family
            bfd
             peer 10.77.0.1
              receive-interval 50
              transmit-interval 50
            route-map l4lb permit 10
             match interface l4lb-lb1
             set origin igp
            """;

    private static final String ROUTERS_BIRD = """
            router id 10.77.0.1;
            protocol kernel { ipv4 { export where source = RTS_BGP; }; scan time 10; }
            protocol kernel { ipv6 { export where source = RTS_BGP; }; scan time 10; }
            protocol bfd { interface "r0" { min rx interval 50 ms; min tx interval 50 ms; idle tx interval 300 ms; multiplier 3; }; }
            protocol bgp node {
              local 10.77.0.1 as 64500;
              neighbor 10.77.0.2 as 64512;
              connect delay time 1; connect retry time 1; error wait time 1, 2;
              bfd on;
              ipv4 { import all; export none; };
              ipv6 { import all; export none; };
            }
            """;

    @TempDir
    private Path directory;

    private final Namespaces namespaces = new Namespaces();
    private RouteMonitor route;
    private RouteMonitor route6;
    private BirdProcess bird;
    private FrrProcess frr;
    private NodeProcess node;
    private Path configuration;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        String reason = BirdProcess.isInstalled() && FrrProcess.isInstalled()
                ? Namespaces.unavailableReason()
                : "frr and bird2 are not both installed";
        if (!reason.isEmpty()) {
            System.err.println("FrrAnnounceIT is skipped: " + reason);
        }
        assumeTrue(reason.isEmpty(), reason);
        namespaces.up();
        for (String address : List.of("10.77.0.1/24", "10.77.0.3/24", "fd77::1/64")) {
            addAddress(namespaces.router(), address, "r0");
        }
        for (String address : List.of("10.77.0.2/24", "fd77::2/64")) {
            addAddress(namespaces.node(), address, "n0");
        }
        route = new RouteMonitor(namespaces, namespaces.router(), VIP);
        route6 = new RouteMonitor(namespaces, namespaces.router(), VIP6);
        bird = BirdProcess.start(namespaces, namespaces.router(), directory.resolve("router-bird"), ROUTERS_BIRD);
        frr = FrrProcess.start(namespaces, namespaces.node(), FRR);
        configuration = directory.resolve("node.yaml");
        Path state = directory.resolve("state");
        Files.writeString(
                configuration, CONFIGURATION.replace("STATE", state.toString()).replace("PREFIX", namespaces.prefix()));
        node = NodeProcess.start(namespaces.enterFirst(namespaces.node()), configuration, state);
    }

    private void addAddress(String namespace, String address, String device) throws IOException, InterruptedException {
        namespaces.inside(
                namespace, "ip address add " + address + " dev " + device + (address.startsWith("fd") ? " nodad" : ""));
    }

    @AfterEach
    void end() throws IOException {
        if (node != null) {
            node.close();
        }
        namespaces.close();
        if (frr != null) {
            frr.close();
        }
    }

    @Test
    void routesThatTheNodeLeavesForFrrComeAndGo() throws IOException, InterruptedException {
        awaitBoth();
        assertThat(bird.session("node")).contains("Established");
        awaitBfd();
        assertThat(namespaces.inside(namespaces.router(), "ip route show proto bird"))
                .as("nothing but the VIP")
                .hasLineCount(1);
        command("undrain"); // the first command takes as long as its classes take to load
        Duration drained = measure("drain", () -> command("drain"));
        command("undrain");
        awaitBoth();
        Duration frozen = measure("SIGSTOP", () -> node.signal("STOP"));
        node.signal("CONT");
        awaitBoth();
        Duration killed = measure("SIGKILL", () -> node.signal("KILL"));
        assertThat(List.of(drained, frozen, killed))
                .allSatisfy(gone -> assertThat(gone).isLessThan(FAILURE));
        assertThat(bird.session("node")).as("FRR and its session live on").contains("Established");
    }

    private Duration measure(String words, RouteMonitor.Event event) throws IOException, InterruptedException {
        Duration gone = route.untilGone(event);
        route6.awaitGone();
        System.out.printf("FrrAnnounceIT: %s: route gone from the router after %d ms%n", words, gone.toMillis());
        return gone;
    }

    private void awaitBoth() throws IOException, InterruptedException {
        route.awaitVia("10.77.0.2");
        route6.awaitVia("fd77::2");
    }

    private void awaitBfd() throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (!bird.bfd("10.77.0.2").contains(" Up ")) {
            assertThat(System.nanoTime() - deadlineNs).as(bird.bfd("10.77.0.2")).isNegative();
            Thread.sleep(POLL);
        }
        assertThat(bird.bfd("10.77.0.2")).endsWith("0.050 0.150");
    }

    private void command(String name) {
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said, true);
        assertThat(Main.run(new String[] {name, "--node", "-c", configuration.toString()}, out, out))
                .as(said.toString())
                .isZero();
    }
}
