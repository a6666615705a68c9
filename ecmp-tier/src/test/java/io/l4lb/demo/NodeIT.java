package io.l4lb.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.demo.lab.Lab;
import io.l4lb.demo.lab.LabNode;
import io.l4lb.demo.lab.LabVip;
import io.l4lb.demo.lab.Transfer;
import io.l4lb.demo.lab.Transfers;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** Two nodes, three backends and a router in namespaces; each test leaves the lab as it found it. */
class NodeIT {
    private static final Duration READY_LIMIT = Duration.ofMinutes(2);
    private static final int IDLE_WINDOWS = 8;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int FIRST_CLIENT_L4_PORT = 20_000;
    private static final int FLOWS_PER_VIP = 4;

    /** The lab is gone when somebody reads of a failure, so the failure quotes the nodes. */
    @RegisterExtension
    static final TestExecutionExceptionHandler QUOTES_THE_NODES = (context, failure) -> {
        throw quotingTheNodes(failure);
    };

    private static Lab lab;
    private static LabNode node1;
    private static LabNode node2;
    private static List<LabVip> vips;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Optional<String> reason = Lab.unavailableReason();
        reason.ifPresent(text -> System.err.println("NodeIT is skipped: " + text));
        assumeTrue(reason.isEmpty(), () -> reason.orElseThrow());
        lab = new Lab("l4lb-it-" + ProcessHandle.current().pid());
        lab.up(2);
        vips = lab.vips();
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
    }

    @Test
    void everyVipAnswersOverEveryEncapsulationAndFamily() throws IOException, InterruptedException {
        List<Transfer> answers = request(pages(FLOWS_PER_VIP));
        assertThat(vips).hasSize(14);
        assertThat(answers).hasSize(14 * FLOWS_PER_VIP).allSatisfy(NodeIT::isAnswered);
        assertThat(answers.stream().map(Transfer::backend)).contains("backend1", "backend2", "backend3");
    }

    @Test
    void sameFlowGetsTheSameBackendOnEitherNode() throws IOException, InterruptedException {
        lab.steerTo(1);
        Map<String, String> byNode1 = backendByFlow();
        long before = node2.counters().rxPackets();
        lab.steerTo(2);
        Map<String, String> byNode2 = backendByFlow();
        assertThat(node2.counters().rxPackets()).as("node2 was asked").isGreaterThan(before + byNode2.size());
        assertThat(byNode2).isEqualTo(byNode1);
        assertThat(byNode1.values()).contains("backend1", "backend2", "backend3");
    }

    @Test
    void backendsThatComeAndGoMoveNoPinnedFlowOfAnother() throws IOException, InterruptedException {
        Transfers whileRemoved = startDownloads();
        Thread.sleep(Duration.ofSeconds(2));
        lab.removeBackend("backend3");
        reload();
        List<Transfer> after = request(pages(FLOWS_PER_VIP));
        List<Transfer> downloads = whileRemoved.await(LIMIT);
        Transfers whileRestored = startDownloads();
        Thread.sleep(Duration.ofSeconds(2));
        lab.restoreBackends();
        reload();

        assertThat(after).allSatisfy(NodeIT::isAnswered);
        assertThat(after.stream().map(Transfer::backend)).doesNotContain("backend3");
        assertThat(downloads.stream().map(Transfer::backend)).contains("backend1", "backend2", "backend3");
        assertThat(downloads.stream().filter(download -> !download.backend().equals("backend3")))
                .allSatisfy(NodeIT::isAnswered);
        assertThat(whileRestored.await(LIMIT)).allSatisfy(NodeIT::isAnswered);
        assertThat(request(pages(FLOWS_PER_VIP)).stream().map(Transfer::backend))
                .contains("backend3");
    }

    /**
     * CPU time that the kernel has counted, so a busy machine does not matter. In the first of several windows that both keep: after a
     * start, and after traffic, the JVM still compiles.
     */
    @Test
    void idleNodeUsesLessThanAFifthOfACore() throws InterruptedException {
        Duration window = Duration.ofSeconds(4);
        Duration used = window;
        for (int windows = 0; windows < IDLE_WINDOWS && used.compareTo(window.dividedBy(5)) >= 0; windows++) {
            Duration before1 = node1.cpuTime();
            Duration before2 = node2.cpuTime();
            Thread.sleep(window);
            Duration used1 = node1.cpuTime().minus(before1);
            Duration used2 = node2.cpuTime().minus(before2);
            used = used1.compareTo(used2) > 0 ? used1 : used2;
            System.out.printf("NodeIT: two idle nodes used %s and %s in 4 s%n", used1, used2);
        }
        assertThat(used).isLessThan(window.dividedBy(5));
    }

    @Test
    void sigtermDetachesTheXdpProgramAndExitsWith0() throws IOException, InterruptedException {
        assertThat(lab.hasXdpProgram(2)).isTrue();
        assertThat(node2.stop(LIMIT)).isZero();
        assertThat(lab.hasXdpProgram(2)).isFalse();
        restartNode2();
    }

    @Test
    void killedNodeStartsAgain() throws IOException, InterruptedException {
        node2.kill();
        assertThat(lab.hasXdpProgram(2)).isTrue();
        restartNode2();
        lab.steerTo(2);
        assertThat(request(pages(1))).allSatisfy(NodeIT::isAnswered);
    }

    private static void restartNode2() throws IOException, InterruptedException {
        node2 = lab.startNode(2);
        node2.awaitReady(READY_LIMIT);
    }

    private static void reload() throws IOException, InterruptedException {
        assertThat(node1.reload(LIMIT)).isTrue();
        assertThat(node2.reload(LIMIT)).isTrue();
    }

    /** {@return the backend by VIP and client's L4 port}; the same flows at every call. */
    private static Map<String, String> backendByFlow() throws IOException, InterruptedException {
        Map<String, String> backends = new TreeMap<>();
        for (LabVip vip : vips) {
            for (int flow = 0; flow < FLOWS_PER_VIP; flow++) {
                String l4Port = Integer.toString(FIRST_CLIENT_L4_PORT + flow);
                Transfer answer = lab.request(List.of(vip.page()), 1, LIMIT, "--local-port", l4Port)
                        .await(LIMIT)
                        .getFirst();
                isAnswered(answer);
                backends.put(vip.name() + " from " + l4Port, answer.backend());
            }
        }
        return backends;
    }

    private static Transfers startDownloads() throws IOException {
        List<String> urls = Stream.generate(vips::stream)
                .limit(3)
                .flatMap(all -> all)
                .map(LabVip::largeFile)
                .toList();
        return lab.request(urls, urls.size(), LIMIT);
    }

    private static List<Transfer> request(List<String> urls) throws IOException, InterruptedException {
        return lab.request(urls, vips.size(), LIMIT).await(LIMIT);
    }

    private static List<String> pages(int perVip) {
        return Stream.generate(vips::stream)
                .limit(perVip)
                .flatMap(all -> all)
                .map(LabVip::page)
                .toList();
    }

    private static void isAnswered(Transfer transfer) {
        assertThat(transfer.ok()).as(transfer::toString).isTrue();
    }
}
