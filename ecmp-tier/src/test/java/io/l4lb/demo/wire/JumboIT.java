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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A client and a node on links of 9,000 bytes and more, through net_pcap on a live interface: of the virtual devices of DPDK 22.11 that
 * were tried the one that takes such frames from a kernel (net_af_xdp on veth ends below 3,500 bytes, net_tap and net_af_packet at 1,522
 * and 1,514). It delivers in several mbufs what one does not hold: the second node believes that its link carries 1,700 bytes.
 */
class JumboIT {
    private static final Duration READY_LIMIT = Duration.ofMinutes(3);
    private static final int CLIENT_MTU = 9000;

    /** The largest that a configuration may name; a client's packet fits with every outer header. */
    private static final int SEGMENT_MTU = 9216;

    private static final int JUMBO_NODE = 1;
    private static final int NARROW_NODE = 2;
    private static final int BACKENDS = 3;
    private static final String TCP_L4_PORT = "7007";
    private static final String UDP_L4_PORT = "5353";
    private static final long POLL_MS = 100;
    private static final String SCRIPTS = System.getProperty("l4lb.root") + "/ecmp-tier/src/test/resources/kernel/";
    private static final String ATTACH = "ip link set dev b0 xdpgeneric obj "
            + System.getProperty("l4lb.nativeDirectory") + "/decapsulate.o sec xdp";

    private static Lab lab;
    private static LabNode jumbo;
    private static LabNode narrow;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Optional<String> reason = Lab.unavailableReason();
        reason.ifPresent(text -> System.err.println("JumboIT is skipped: " + text));
        assumeTrue(reason.isEmpty(), () -> reason.orElseThrow());
        lab = new Lab("l4lb-jumbo-" + ProcessHandle.current().pid());
        lab.up(NARROW_NODE);
        lab.configureFromTheStart(JumboIT::onPcap);
        lab.configure(JUMBO_NODE, text -> text.replaceFirst("mtuBytes: \\d+", "mtuBytes: " + SEGMENT_MTU));
        widenLinks();
        for (int backend = 1; backend <= BACKENDS; backend++) {
            startServer("backend" + backend, "path_mtu.py backend " + TCP_L4_PORT);
            startServer("backend" + backend, "udp_fragments.py serve " + UDP_L4_PORT);
        }
        jumbo = startNode(JUMBO_NODE);
        narrow = startNode(NARROW_NODE);
    }

    /** Large mbufs need more memory; the kernel sees what the node gets, and leaves it alone. Beside each VIP of nginx one for UDP. */
    private static String onPcap(String configuration) {
        return configuration
                .replace("\"-m\", \"64\"", "\"-m\", \"256\"")
                .replace("net_af_xdp0,iface=l0\", xdpFilter: true", "net_pcap0,rx_iface_in=l0,tx_iface=l0\"")
                .lines()
                .flatMap(line -> line.contains("protocol: tcp, l4Port: 80,")
                        ? Stream.of(
                                line,
                                line.replace("{name: ", "{name: udp-")
                                        .replace("tcp, l4Port: 80,", "udp, l4Port: " + UDP_L4_PORT + ","))
                        : Stream.of(line))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    /** A driver's XDP on veth takes no such frames; the kernel's own does. */
    private static void widenLinks() throws IOException, InterruptedException {
        for (int backend = 1; backend <= BACKENDS; backend++) {
            String namespace = "backend" + backend;
            lab.runIn(namespace, "ip", "link", "set", "dev", "b0", "xdp", "off");
            widen(namespace, "b0", SEGMENT_MTU);
            widen("router", namespace, SEGMENT_MTU);
            lab.runIn(namespace, "sh", "-ec", ATTACH);
        }
        for (int node = 1; node <= NARROW_NODE; node++) {
            widen("node" + node, "l0", SEGMENT_MTU);
            widen("router", "node" + node, SEGMENT_MTU);
        }
        widen("router", "br0", SEGMENT_MTU);
        widen("router", "client", CLIENT_MTU);
        widen("client", "c0", CLIENT_MTU);
    }

    private static void widen(String namespace, String device, int mtuBytes) throws IOException, InterruptedException {
        lab.runIn(namespace, "ip", "link", "set", "dev", device, "mtu", Integer.toString(mtuBytes));
    }

    /** It ends with the lab. */
    private static void startServer(String backend, String program) throws IOException, InterruptedException {
        Path output = lab.workDirectory().resolve(backend, program.split(" ", 2)[0] + ".log");
        lab.runIn(backend, "sh", "-c", "exec python3 " + SCRIPTS + program + " > " + output + " 2>&1 < /dev/null &");
        long deadlineNs = System.nanoTime() + READY_LIMIT.toNanos();
        while (!Files.exists(output) || !Files.readString(output).contains("listens")) {
            assertThat(System.nanoTime() - deadlineNs).as(program + " listens").isNegative();
            Thread.sleep(POLL_MS);
        }
    }

    private static LabNode startNode(int number) throws IOException, InterruptedException {
        LabNode node = lab.startNode(number);
        node.awaitReady(READY_LIMIT);
        node.awaitBackends(READY_LIMIT);
        return node;
    }

    @AfterAll
    static void remove() {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void jumboFramesPassWholeInEveryEncapsulation() throws IOException, InterruptedException {
        lab.steerTo(JUMBO_NODE);
        List<LabVip> vips = lab.vips();
        assertThat(vips).hasSize(14);
        for (LabVip vip : vips) {
            assertThat(run("path_mtu.py", "upload", TCP_L4_PORT, vip.address()))
                    .as(vip + lab.endOfLogs())
                    .isEqualTo("ok");
            assertThat(run("udp_fragments.py", "ask", UDP_L4_PORT, "kernel", vip.address()))
                    .as(vip + lab.endOfLogs())
                    .isEqualTo(vip.address() + " ok");
            assertThat(ping(vip.address(), 3)).contains(" 3 received");
        }
        NodeCounters counters = jumbo.counters();
        System.out.printf(
                "JumboIT: %d MB of uploads in %d packets, in and out of the node%n", vips.size(), counters.txPackets());
        assertThat(counters.fragments()).isZero();
        assertThat(counters.outerFragments()).isZero();
        assertThat(counters.tooBigReplies()).isZero();
        assertThat(counters.drops().getOrDefault("multi-segment", 0L)).isZero();
    }

    @Test
    void whatTheLinkOfTheConfigurationDoesNotCarryIsDroppedAndCounted() throws IOException, InterruptedException {
        lab.steerTo(NARROW_NODE);
        String vip = lab.vips().getFirst().address();

        assertThat(ping(vip, 1)).contains(" 0 received");
        assertThat(lab.runIn("client", "ping", "-n", "-c", "1", "-W", "10", vip))
                .contains(" 1 received");

        assertThat(narrow.counters().drops().getOrDefault("multi-segment", 0L)).isEqualTo(1);
    }

    private static String run(String script, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("python3", SCRIPTS + script));
        command.addAll(List.of(arguments));
        return lab.runIn("client", command.toArray(String[]::new)).strip();
    }

    /** As large as the client's link lets it be, in one piece; {@return what ping says, also when nothing comes back}. */
    private static String ping(String vip, int count) throws IOException, InterruptedException {
        int size = CLIENT_MTU - (vip.contains(":") ? 48 : 28);
        return lab.runIn(
                "client", "sh", "-c", "ping -n -c " + count + " -i 0.2 -W 5 -M do -s " + size + " " + vip + " || true");
    }
}
