package io.l4lb.demo.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.demo.lab.Lab;
import io.l4lb.demo.lab.LabNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What people and monitors try first: a client pings a VIP and traces the way to it, through a real router. The router is the only hop on
 * the way; what has one hop left when it reaches a node has arrived.
 */
class ReachIT {
    private static final Duration READY_LIMIT = Duration.ofMinutes(3);
    private static final int NODES = 2;
    private static final Pattern HOP = Pattern.compile("^ *\\d+ +(\\S+) .*");
    private static final List<String> SIZES = List.of("0", "56", "1400");

    private static Lab lab;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Optional<String> reason = Lab.unavailableReason().or(ReachIT::missingTraceroute);
        reason.ifPresent(text -> System.err.println("ReachIT is skipped: " + text));
        assumeTrue(reason.isEmpty(), () -> reason.orElseThrow());
        lab = new Lab("l4lb-reach-" + ProcessHandle.current().pid());
        lab.up(NODES);
        List<LabNode> nodes = new ArrayList<>();
        for (int number = 1; number <= NODES; number++) {
            nodes.add(lab.startNode(number));
        }
        for (LabNode node : nodes) {
            node.awaitReady(READY_LIMIT);
            node.awaitBackends(READY_LIMIT);
        }
    }

    /** Debian's and Ubuntu's package of that name; others have other options. */
    private static Optional<String> missingTraceroute() {
        try {
            int exitCode = new ProcessBuilder("traceroute", "--version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            return exitCode == 0 ? Optional.empty() : Optional.of("traceroute does not run");
        } catch (IOException e) {
            return Optional.of("traceroute is not installed: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    @AfterAll
    static void remove() {
        if (lab != null) {
            lab.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.1", "2001:db8:f::1"})
    void aVipAnswersEveryPing(String vip) throws IOException, InterruptedException {
        for (String size : SIZES) {
            String said = lab.runIn("client", "ping", "-n", "-c", "5", "-i", "0.2", "-W", "10", "-s", size, vip);
            assertThat(said).contains(" 5 received").doesNotContain("wrong data", "duplicate");
        }
    }

    /** The router takes one of two hops; the node forwards no echo request, so it has no use for the other one. */
    @ParameterizedTest
    @ValueSource(strings = {"203.0.113.1", "2001:db8:f::1"})
    void aPingWhoseHopsEndAtTheNodeHasArrived(String vip) throws IOException, InterruptedException {
        assertThat(lab.runIn("client", "ping", "-n", "-c", "3", "-i", "0.2", "-W", "10", "-t", "2", vip))
                .contains(" 3 received");
    }

    /** -I: ICMP; -T: a TCP SYN, which a backend answers; else UDP to L4 ports that no VIP has. */
    @ParameterizedTest
    @CsvSource({
        "203.0.113.1, 10.98.0.1, -n",
        "203.0.113.1, 10.98.0.1, -I",
        "203.0.113.1, 10.98.0.1, -T",
        "2001:db8:f::1, fd98::1, -n",
        "2001:db8:f::1, fd98::1, -I",
        "2001:db8:f::1, fd98::1, -T"
    })
    void tracerouteSeesTheRouterAndThenTheVip(String vip, String router, String method)
            throws IOException, InterruptedException {
        String said = lab.runIn("client", "traceroute", "-n", method, "-N", "1", "-q", "1", "-w", "10", "-m", "4", vip);
        assertThat(said.lines().skip(1).map(line -> HOP.matcher(line).replaceFirst("$1")))
                .as(said)
                .containsExactly(router, vip);
    }
}
