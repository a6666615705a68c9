package io.l4lb.demo.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.demo.lab.Lab;
import io.l4lb.demo.lab.LabNode;
import io.l4lb.demo.lab.LabVip;
import io.l4lb.demo.lab.NodeCounters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A link of 1,400 bytes between a router and the backend, where client and node have 1,500 and 1,700: the router's kernel sends the
 * errors, the node's XDP filter hands them over, the client's kernel learns from what the node makes of them. The backend's kernel
 * puts outer fragments together; the tunnel device behind it, which this kernel lacks, is a program (path_mtu.py).
 */
class PathMtuIT {
    private static final Duration READY_LIMIT = Duration.ofSeconds(60);
    private static final int LINK_MTU = 1400;
    private static final String TCP_L4_PORT = "7007";
    private static final String UDP_L4_PORT = "5353";
    private static final long POLL_MS = 100;
    private static final String SCRIPTS = System.getProperty("l4lb.root") + "/ecmp-tier/src/test/resources/kernel/";
    private static final String SCRIPT = SCRIPTS + "path_mtu.py";

    /** By encapsulation, over IPv4; IPv6 has 20 more. */
    private static final Map<String, Integer> HEADER_BYTES = Map.of("ipip", 20, "gre", 24, "gue", 32);

    /** The backend leaves the segment for a link of its own, and tells clients a segment size as if it knew of no narrow link. */
    private static final String ROUTER_SIDE = """
            ip link set backend1 nomaster
            ip link set backend1 mtu 1400
            sysctl -qw net.ipv6.conf.backend1.disable_ipv6=0
            ip -6 addr add fd98:1::1/128 dev backend1 nodad
            ip route add 10.98.1.21/32 dev backend1
            ip -6 route add fd98:1::21/128 dev backend1
            """;

    private static final String NODE_SIDE = """
            ip route add 10.98.1.21/32 via 10.98.1.1
            ip -6 route add fd98:1::21/128 via fd98:1::1
            """;
    private static final String BACKEND_SIDE = """
            ip link set b0 mtu 1400
            ip route add 10.98.1.11/32 via 10.98.1.1
            ip -6 route add fd98:1::11/128 via fd98:1::1
            ip route replace default via 10.98.1.1 advmss 1460
            ip -6 route replace default via fd98:1::1 advmss 1440
            """;

    private static Lab lab;
    private static LabNode node;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Optional<String> reason = Lab.unavailableReason();
        reason.ifPresent(text -> System.err.println("PathMtuIT is skipped: " + text));
        assumeTrue(reason.isEmpty(), () -> reason.orElseThrow());
        lab = new Lab("l4lb-path-" + ProcessHandle.current().pid());
        lab.up(1);
        lab.configureFromTheStart(PathMtuIT::oneBackend);
        lab.runIn("router", "sh", "-ec", ROUTER_SIDE);
        lab.runIn("node1", "sh", "-ec", NODE_SIDE);
        lab.runIn("backend1", "sh", "-ec", BACKEND_SIDE);
        startServer("path_mtu.py backend " + TCP_L4_PORT);
        startServer("udp_fragments.py serve " + UDP_L4_PORT);
        node = lab.startNode(1);
        node.awaitReady(READY_LIMIT);
        node.awaitBackends(READY_LIMIT);
    }

    /** No l2, which has no path; beside each VIP of nginx one for UDP. */
    private static String oneBackend(String configuration) {
        return configuration
                .lines()
                .filter(line -> !line.contains("{name: backend2,")
                        && !line.contains("{name: backend3,")
                        && !line.contains("encapsulation: l2"))
                .flatMap(line -> line.contains("protocol: tcp, l4Port: 80,")
                        ? Stream.of(
                                line,
                                line.replace("{name: ", "{name: udp-")
                                        .replace("tcp, l4Port: 80,", "udp, l4Port: " + UDP_L4_PORT + ","))
                        : Stream.of(line))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    /** It ends with the lab. */
    private static void startServer(String program) throws IOException, InterruptedException {
        Path output = lab.workDirectory().resolve("backend1", program.split(" ", 2)[0] + ".log");
        lab.runIn("backend1", "sh", "-c", "exec python3 " + SCRIPTS + program + " > " + output + " 2>&1 < /dev/null &");
        long deadlineNs = System.nanoTime() + READY_LIMIT.toNanos();
        while (!Files.exists(output) || !Files.readString(output).contains("listens")) {
            assertThat(System.nanoTime() - deadlineNs).as(program + " listens").isNegative();
            Thread.sleep(POLL_MS);
        }
    }

    @AfterAll
    static void remove() {
        if (lab != null) {
            lab.close();
        }
    }

    /** One after the other: what the node has learned from the first it knows for ten minutes. */
    @Test
    void aNarrowLinkIsLearnedUploadsGoThroughAndDatagramsWithoutDfArriveInOuterFragments()
            throws IOException, InterruptedException {
        List<LabVip> vips = lab.vips();
        assertThat(vips).hasSize(12);
        assertThat(node.loweredPathMtus()).isEmpty();
        NodeCounters before = node.counters();
        for (LabVip vip : vips) {
            assertThat(ask("upload", TCP_L4_PORT, vip))
                    .as(vip + lab.endOfLogs())
                    .isEqualTo("ok");
            assertThat(lab.runIn("client", "ip", "route", "get", vip.address()))
                    .as(vip.name())
                    .contains(" mtu " + (LINK_MTU - headerBytes(vip)) + " ");
        }
        assertThat(node.loweredPathMtus()).isEqualTo(Map.of("10.98.1.21", LINK_MTU, "fd98:1::21", LINK_MTU));
        NodeCounters uploaded = node.counters();
        long errors = uploaded.tunnelErrors() - before.tunnelErrors();
        long told = uploaded.tunnelErrorsTold() - before.tunnelErrorsTold();
        long replies = uploaded.tooBigReplies() - before.tooBigReplies();
        assertThat(errors).as("of each outer family").isGreaterThanOrEqualTo(2);
        assertThat(told).isBetween(2L, errors);
        assertThat(told + replies).isGreaterThanOrEqualTo(vips.size());

        lab.runIn("client", "ip", "route", "flush", "cache"); // else the client would cut what has no DF
        for (LabVip vip : vips) {
            assertThat(ask("datagram", UDP_L4_PORT, vip))
                    .as(vip + lab.endOfLogs())
                    .isEqualTo("ok");
        }
        long fragments = node.counters().outerFragments() - uploaded.outerFragments();
        assertThat(fragments)
                .isGreaterThanOrEqualTo(vips.stream().filter(vip -> !vip.ipv6()).count());
        System.out.printf(
                "PathMtuIT: %d errors from routers, %d told on; %d answers of the node; %d outer fragments%n",
                errors, told, replies, fragments);
    }

    private static int headerBytes(LabVip vip) {
        return HEADER_BYTES.get(vip.encapsulation()) + (vip.name().endsWith("in6") ? 20 : 0);
    }

    private static String ask(String what, String l4Port, LabVip vip) throws IOException, InterruptedException {
        return lab.runIn("client", "python3", SCRIPT, what, l4Port, vip.address())
                .strip();
    }
}
