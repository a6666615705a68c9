package io.l4lb.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.demo.client.Knock;
import io.l4lb.demo.lab.Knocks;
import io.l4lb.demo.lab.Lab;
import io.l4lb.demo.lab.LabNode;
import io.l4lb.demo.lab.LabVip;
import io.l4lb.demo.lab.Transfer;
import io.l4lb.demo.lab.Transfers;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Two whole nodes, real backends that break, and a client that says what became of its flows. Each test leaves the lab as it
 * found it. Prints its figures.
 */
class BackendFailureIT {
    private static final Duration READY_LIMIT = Duration.ofMinutes(2);
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Duration SHORT_LIMIT = Duration.ofSeconds(3);
    private static final int INTERVAL_MS = 500;
    private static final int FALL = 3;
    /** What the issue allows beyond the intervals. */
    private static final int MARGIN_MS = 500;

    private static final int DOWNLOADS = 84;
    private static final int NEW_PER_SECOND = 100;
    private static final int REFUSED = 7; // curl's exit codes
    private static final int TIMED_OUT = 28;

    /** The lab is gone when somebody reads of a failure, so the failure quotes the nodes. */
    @RegisterExtension
    static final TestExecutionExceptionHandler QUOTES_THE_NODES = (context, failure) -> {
        throw quotingTheNodes(failure);
    };

    private static Lab lab;
    private static LabNode node1;
    private static LabNode node2;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Optional<String> reason = Lab.unavailableReason();
        reason.ifPresent(text -> System.err.println("BackendFailureIT is skipped: " + text));
        assumeTrue(reason.isEmpty(), () -> reason.orElseThrow());
        lab = new Lab("l4lb-fail-" + ProcessHandle.current().pid());
        lab.up(2);
        node1 = lab.startNode(1);
        node2 = lab.startNode(2);
        node1.awaitReady(READY_LIMIT);
        node2.awaitReady(READY_LIMIT);
    }

    private static AssertionError quotingTheNodes(Throwable failure) throws IOException {
        return new AssertionError(failure.getMessage() + lab.endOfLogs(), failure);
    }

    @AfterAll
    static void remove() {
        if (lab != null) {
            lab.close();
        }
    }

    @AfterEach
    void restore() throws IOException, InterruptedException {
        lab.steerToAll();
        configure(node1, 1, "dataplane", FALL);
        configure(node2, 2, "dataplane", FALL);
        awaitBackends();
    }

    private static void awaitBackends() throws IOException, InterruptedException {
        node1.awaitBackends(LIMIT);
        node2.awaitBackends(LIMIT);
    }

    private static void configure(LabNode node, int number, String via, int fall)
            throws IOException, InterruptedException {
        String check = "    healthCheck: {type: http, via: " + via + ", l4Port: 80, body: backend, intervalMs: "
                + INTERVAL_MS + ", timeoutMs: " + INTERVAL_MS + ", rise: 2, fall: " + fall + "}\n";
        lab.configure(number, text -> text.replaceAll("    healthCheck: .*\n", check));
        node.post("reload", "{}");
    }

    @Test
    void backendWhoseNginxDiesGetsNoNewFlowInTimeAndOtherFlowsGoOn() throws IOException, InterruptedException {
        configure(node1, 1, "dataplane", FALL);
        configure(node2, 2, "dataplane", FALL);
        try (Knocks knocks = lab.knock(NEW_PER_SECOND)) {
            Transfers running = startDownloads();
            knocks.await(Instant.now(), knock -> knock.backend().equals("backend2"), LIMIT);
            Instant since = Instant.now();
            lab.killNginx(2);
            Duration unused = knocks.untilNoMore(since, knock -> !knock.answered(), LIMIT);
            long failed = knocks.soFar().stream()
                    .filter(knock -> knock.startedAfter(since) && !knock.answered())
                    .count();
            Instant cured = Instant.now();
            lab.startNginx(2);
            Knock first = knocks.await(cured, knock -> knock.backend().equals("backend2"), LIMIT);
            List<Transfer> downloads = running.await(LIMIT);
            System.out.printf(
                    "BackendFailureIT: nginx killed, no new flow to it after %d ms (interval %d ms, fall %d; %d failed);"
                            + " again %d ms after its start%n",
                    unused.toMillis(), INTERVAL_MS, FALL, failed, first.startMs() - cured.toEpochMilli());
            assertThat(failed).as("new flows that it refused").isPositive();
            assertThat(unused.toMillis()).isLessThanOrEqualTo(FALL * INTERVAL_MS + MARGIN_MS);
            assertThat(downloads).hasSize(DOWNLOADS).anySatisfy(BackendFailureIT::isOfBackend2);
            assertThat(ofOtherBackendsThan2(downloads)).isNotEmpty().allSatisfy(BackendFailureIT::isComplete);
        }
    }

    /** The tunnel is broken for less than {@code fall} intervals: those flows that stay where they are go on when it is mended. */
    @Test
    void pinnedFlowsStayWhileTheirBackendIsNotYetDown() throws IOException, InterruptedException {
        int fall = 10;
        configure(node1, 1, "dataplane", fall);
        configure(node2, 2, "dataplane", fall);
        long repins = repins();
        try (Knocks knocks = lab.knock(NEW_PER_SECOND)) {
            Transfers running = startDownloads();
            knocks.await(Instant.now(), knock -> knock.backend().equals("backend2"), LIMIT);
            Instant since = Instant.now();
            lab.breakTunnel(2);
            Thread.sleep(2L * INTERVAL_MS); // how long it is broken
            lab.mendTunnel(2);
            assertThat(node1.backendStates().values()).containsOnly("up");
            assertThat(node2.backendStates().values()).containsOnly("up");
            knocks.await(since, Knock::metDeadBackend, LIMIT);
            List<Transfer> downloads = running.await(LIMIT);
            assertThat(downloads)
                    .hasSize(DOWNLOADS)
                    .allSatisfy(BackendFailureIT::isComplete)
                    .anySatisfy(BackendFailureIT::isOfBackend2);
            assertThat(repins()).isEqualTo(repins);
        }
    }

    @Test
    void drainedBackendKeepsItsDownloadsAndGetsNoNewFlow() throws IOException, InterruptedException {
        Transfers running = startDownloads();
        try (Knocks knocks = lab.knock(NEW_PER_SECOND)) {
            knocks.await(Instant.now(), knock -> knock.backend().equals("backend2"), LIMIT);
            drainBackend2("drain");
            Instant drained = Instant.now();
            List<Transfer> downloads = running.await(LIMIT);
            List<Knock> after = knocks.soFar().stream()
                    .filter(knock -> knock.startedAfter(drained))
                    .toList();
            drainBackend2("undrain");
            System.out.printf(
                    "BackendFailureIT: backend drained, %d downloads complete, %d new connections, none to it%n",
                    downloads.size(), after.size());
            assertThat(downloads)
                    .hasSize(DOWNLOADS)
                    .allSatisfy(BackendFailureIT::isComplete)
                    .anySatisfy(BackendFailureIT::isOfBackend2);
            assertThat(after)
                    .isNotEmpty()
                    .allMatch(Knock::answered)
                    .noneMatch(knock -> knock.backend().equals("backend2"));
        }
    }

    private static void drainBackend2(String path) throws IOException, InterruptedException {
        for (LabNode node : List.of(node1, node2)) {
            node.post(path, "{\"backend\": \"pool4/backend2\"}");
            node.post(path, "{\"backend\": \"pool6/backend2\"}");
        }
    }

    /** One that had no byte yet when its backend was hurt does not know which it had: it was that one. */
    private static List<Transfer> ofOtherBackendsThan2(List<Transfer> downloads) {
        return downloads.stream()
                .filter(download -> !download.backend().equals("backend2")
                        && !download.backend().isEmpty())
                .toList();
    }

    @Test
    void brokenTunnelIsFoundViaDataplaneAndNotViaAddress() throws IOException, InterruptedException {
        configure(node1, 1, "dataplane", FALL);
        configure(node2, 2, "address", FALL);
        awaitBackends();
        lab.steerTo(1);
        long repins = node1.counters().flowRepins();
        Transfers running = startDownloads();
        Instant since = Instant.now();
        lab.breakTunnel(2);
        try {
            awaitState(node1, "backend2", "down");
            System.out.printf(
                    "BackendFailureIT: tunnel broken, found via dataplane after %d ms, not via address%n",
                    Duration.between(since, Instant.now()).toMillis());
            assertThat(request(pages(3), LIMIT))
                    .allSatisfy(BackendFailureIT::isComplete)
                    .noneSatisfy(BackendFailureIT::isOfBackend2);
            List<Transfer> downloads = running.await(LIMIT);
            assertThat(node1.counters().flowRepins()).isGreaterThan(repins);
            assertThat(ofOtherBackendsThan2(downloads)).isNotEmpty().allSatisfy(BackendFailureIT::isComplete);
            lab.steerTo(2);
            assertThat(request(pages(3), SHORT_LIMIT)).anyMatch(page -> page.exitCode() == TIMED_OUT);
            assertThat(node2.backendStates().values()).containsOnly("up");
        } finally {
            lab.mendTunnel(2);
        }
    }

    @Test
    void whenAllAreDownFlowsAreForwardedOrRejectedAsTheVipSays() throws IOException, InterruptedException {
        for (int number = 1; number <= 2; number++) {
            lab.configure(number, text -> text.replace("{name: gue-4in4,", "{name: gue-4in4, whenAllDown: reject,"));
        }
        node1.post("reload", "{}");
        node2.post("reload", "{}");
        List<String> forwarded = List.of(page("ipip-4in4"), page("ipip-4in4"), page("ipip-4in4"));
        List<String> rejected = List.of(page("gue-4in4"), page("gue-4in4"), page("gue-4in4"));
        for (int backend = 1; backend <= 3; backend++) {
            lab.killNginx(backend);
        }
        try {
            for (LabNode node : List.of(node1, node2)) {
                awaitState(node, "", "down");
            }
            assertThat(request(forwarded, SHORT_LIMIT)).allMatch(page -> page.exitCode() == REFUSED);
            assertThat(request(rejected, SHORT_LIMIT)).allMatch(page -> page.exitCode() == TIMED_OUT);
            assertThat(node1.counters().drops().getOrDefault("no-backend", 0L)
                            + node2.counters().drops().getOrDefault("no-backend", 0L))
                    .isPositive();
        } finally {
            for (int backend = 1; backend <= 3; backend++) {
                lab.startNginx(backend);
            }
        }
        awaitBackends();
        assertThat(request(forwarded, LIMIT)).allSatisfy(BackendFailureIT::isComplete);
        assertThat(request(rejected, LIMIT)).allSatisfy(BackendFailureIT::isComplete);
    }

    /** Waits until a node says so of all backends of that name, or of all. */
    private static void awaitState(LabNode node, String backend, String state)
            throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (!node.backendStates().entrySet().stream()
                .allMatch(entry ->
                        !entry.getKey().endsWith(backend) || entry.getValue().equals(state))) {
            assertThat(System.nanoTime() - deadlineNs)
                    .as("%s says %s", node.name(), node.backendStates())
                    .isNegative();
            Thread.sleep(20);
        }
    }

    private static long repins() throws IOException, InterruptedException {
        return node1.counters().flowRepins() + node2.counters().flowRepins();
    }

    private static Transfers startDownloads() throws IOException {
        List<String> urls = Stream.generate(lab.vips()::stream)
                .flatMap(all -> all)
                .limit(DOWNLOADS)
                .map(LabVip::slowFile)
                .toList();
        return lab.request(urls, DOWNLOADS, LIMIT);
    }

    private static List<Transfer> request(List<String> urls, Duration limit) throws IOException, InterruptedException {
        return lab.request(urls, urls.size(), limit).await(LIMIT);
    }

    private static List<String> pages(int perVip) throws IOException {
        return Stream.generate(lab.vips()::stream)
                .limit(perVip)
                .flatMap(all -> all)
                .map(LabVip::page)
                .toList();
    }

    private static String page(String vip) throws IOException {
        return lab.vips().stream()
                .filter(each -> each.name().equals(vip))
                .findFirst()
                .orElseThrow()
                .page();
    }

    private static void isComplete(Transfer transfer) {
        assertThat(transfer.ok()).as(transfer::toString).isTrue();
    }

    private static void isOfBackend2(Transfer transfer) {
        assertThat(transfer.backend()).isEqualTo("backend2");
    }
}
