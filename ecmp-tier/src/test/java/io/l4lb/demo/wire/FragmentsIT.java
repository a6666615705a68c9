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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client's UDP datagrams of 8,000 bytes over a link of 1,500, to VIPs of both families and every encapsulation: cut by the kernel, or
 * cut and sent in another order by a raw socket. Router and node spread them over two nodes and three backends, whose kernels put them
 * together and whose server answers.
 */
class FragmentsIT {
    private static final Duration READY_LIMIT = Duration.ofSeconds(60);
    private static final int L4_PORT = 5353;
    private static final int BACKENDS = 3;
    private static final long POLL_MS = 100;
    private static final String SCRIPT =
            System.getProperty("l4lb.root") + "/ecmp-tier/src/test/resources/kernel/udp_fragments.py";

    private static final List<LabNode> NODES = new ArrayList<>();
    private static Lab lab;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Optional<String> reason = Lab.unavailableReason();
        reason.ifPresent(text -> System.err.println("FragmentsIT is skipped: " + text));
        assumeTrue(reason.isEmpty(), () -> reason.orElseThrow());
        lab = new Lab("l4lb-frag-" + ProcessHandle.current().pid());
        lab.up(2);
        lab.configureFromTheStart(FragmentsIT::withUdp);
        for (int backend = 1; backend <= BACKENDS; backend++) {
            startServer("backend" + backend);
        }
        for (int number = 1; number <= 2; number++) {
            NODES.add(lab.startNode(number));
        }
        for (LabNode node : NODES) {
            node.awaitReady(READY_LIMIT);
            node.awaitBackends(READY_LIMIT);
        }
    }

    /** Beside each VIP of nginx one of the same address and encapsulation. */
    private static String withUdp(String configuration) {
        return configuration
                .lines()
                .flatMap(line -> line.contains("protocol: tcp, l4Port: 80,")
                        ? Stream.of(
                                line,
                                line.replace("{name: ", "{name: udp-")
                                        .replace(
                                                "protocol: tcp, l4Port: 80,",
                                                "protocol: udp, l4Port: " + L4_PORT + ","))
                        : Stream.of(line))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    /** It ends with the lab. */
    private static void startServer(String backend) throws IOException, InterruptedException {
        Path output = lab.workDirectory().resolve(backend, "udp");
        lab.runIn(
                backend,
                "sh",
                "-c",
                "exec python3 " + SCRIPT + " serve " + L4_PORT + " > " + output + " 2>&1 < /dev/null &");
        long deadlineNs = System.nanoTime() + READY_LIMIT.toNanos();
        while (!Files.exists(output) || !Files.readString(output).contains("listens")) {
            assertThat(System.nanoTime() - deadlineNs).as(backend + " listens").isNegative();
            Thread.sleep(POLL_MS);
        }
    }

    @AfterAll
    static void remove() {
        if (lab != null) {
            lab.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"kernel", "reversed", "shuffled"})
    void aServerAnswersDatagramsThatCameInFragments(String order) throws IOException, InterruptedException {
        List<String> addresses = lab.vips().stream().map(LabVip::address).toList();
        assertThat(addresses).hasSizeGreaterThan(10);
        Count before = count();
        List<String> command = new ArrayList<>(List.of("python3", SCRIPT, "ask", "" + L4_PORT, order));
        command.addAll(addresses);

        List<String> answers =
                lab.runIn("client", command.toArray(String[]::new)).lines().toList();

        assertThat(answers)
                .as(order + lab.endOfLogs())
                .isEqualTo(addresses.stream().map(address -> address + " ok").toList());
        Count after = count();
        long forwarded = after.forwarded() - before.forwarded();
        long released = after.released() - before.released();
        System.out.printf("FragmentsIT: %s: %d fragments, %d of them held before%n", order, forwarded, released);
        assertThat(forwarded).isGreaterThanOrEqualTo(6L * addresses.size());
        assertThat(released).isGreaterThanOrEqualTo(order.equals("reversed") ? 5L * addresses.size() : 0);
    }

    private record Count(long forwarded, long released) {}

    private static Count count() throws IOException, InterruptedException {
        long forwarded = 0;
        long released = 0;
        for (LabNode node : NODES) {
            NodeCounters counters = node.counters();
            forwarded += counters.fragments();
            released += counters.fragmentsReleased();
        }
        return new Count(forwarded, released);
    }
}
