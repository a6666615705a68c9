package io.l4lb.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.demo.checker.Checker;
import io.l4lb.demo.checker.EchoServers;
import io.l4lb.demo.lab.Lab;
import io.l4lb.demo.lab.LabNode;
import io.l4lb.demo.lab.RouterRoutes;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Three nodes that announce, and backends that label connections; with or without replication. */
final class SurvivalLab implements AutoCloseable {
    /** A node that starts while a thousand connections want the same two CPUs takes its time. */
    static final Duration LIMIT = Duration.ofMinutes(2);

    static final int NODES = 3;
    private static final int PREPARATIONS = 3;
    private static final long POLL_MS = 100;
    private static final String CAUGHT_UP = "caught up";
    private static final String STALL = "stallMs: 100 ";
    /** Addresses of each family. */
    static final int VIPS = 7;

    private final Lab lab;
    private final RouterRoutes routes;
    private final boolean replication;
    private final List<LabNode> nodes = new ArrayList<>();

    private SurvivalLab(Lab lab, RouterRoutes routes, boolean replication) {
        this.lab = lab;
        this.routes = routes;
        this.replication = replication;
    }

    /** What is done to a lab before its nodes start. */
    @FunctionalInterface
    interface Preparation {
        void of(Lab lab) throws IOException, InterruptedException;
    }

    /** Skips the test where no lab can be. */
    static SurvivalLab start(boolean replication) throws IOException, InterruptedException {
        return start(replication, _ -> {});
    }

    static SurvivalLab start(boolean replication, Preparation preparation) throws IOException, InterruptedException {
        Optional<String> reason = Lab.unavailableReason();
        reason.ifPresent(text -> System.err.println("skipped, no connection was tried: " + text));
        assumeTrue(reason.isEmpty(), () -> reason.orElseThrow());
        Lab lab = new Lab("l4lb-survive-" + ProcessHandle.current().pid());
        try {
            SurvivalLab started = new SurvivalLab(lab, lab.upWithBgp(NODES, replication), replication);
            lab.configureFromTheStart(SurvivalLab::withoutStalls);
            preparation.of(lab);
            EchoServers.start(lab);
            for (int number = 1; number <= NODES; number++) {
                started.nodes.add(lab.startNode(number));
            }
            started.awaitAllWell();
            return started;
        } catch (Throwable e) {
            String logs = lab.endOfLogs();
            lab.close();
            throw new AssertionError(e.getMessage() + logs, e);
        }
    }

    /**
     * A worker that waits for a CPU is not what is to be tested: while its node is withdrawn the others pin its flows too, by tables
     * that are still the same, and then there is nothing to lose.
     */
    private static String withoutStalls(String configuration) {
        assertThat(configuration).contains(STALL);
        return configuration.replace(STALL, "stallMs: 10000 ");
    }

    Lab lab() {
        return lab;
    }

    List<LabNode> nodes() {
        return List.copyOf(nodes);
    }

    LabNode node(int number) {
        return nodes.get(number - 1);
    }

    RouterRoutes routes() {
        return routes;
    }

    /** The router uses all nodes, these know all backends as up, and each what the others know. */
    void awaitAllWell() throws IOException, InterruptedException {
        for (LabNode node : nodes) {
            node.awaitReady(LIMIT);
        }
        routes.awaitNodes(Set.of(1, 2, 3), LIMIT);
        for (LabNode node : nodes) {
            node.awaitBackends(LIMIT);
        }
        awaitReplicated();
    }

    /**
     * Opens connections and waits until all of them have exchanged a line. A busy machine may hold up BFD of all nodes at once, and
     * the router has no route then: it begins anew.
     */
    Checker connect(int connections, Duration patience) throws IOException, InterruptedException {
        for (int tries = 1; ; tries++) {
            awaitAllWell();
            Checker checker = Checker.start(lab, connections, patience);
            try {
                assertThat(checker.awaitEstablished(LIMIT).proven()).isEqualTo(connections);
                return checker;
            } catch (IOException | AssertionError e) {
                checker.close();
                if (tries == PREPARATIONS) {
                    throw e;
                }
                System.out.println("SurvivalLab: once more, before anything was done: " + e.getMessage());
            }
        }
    }

    /** Waits until each node follows each other, and what any has told so far has been applied by the others. */
    void awaitReplicated() throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        for (int number = 1; replication && number <= NODES; number++) {
            Map<?, ?> state = replication(number);
            while (!isReplicated(state)) {
                assertThat(System.nanoTime() - deadlineNs)
                        .as("node%d has not replicated: %s", number, state)
                        .isNegative();
                Thread.sleep(POLL_MS);
                state = replication(number);
            }
        }
    }

    private static boolean isReplicated(Map<?, ?> state) {
        return ((List<?>) state.get("peers"))
                .stream()
                        .map(peer -> (Map<?, ?>) peer)
                        .allMatch(peer -> CAUGHT_UP.equals(peer.get("receiving"))
                                && CAUGHT_UP.equals(peer.get("sending"))
                                && Boolean.TRUE.equals(peer.get("caughtUp"))
                                && ((Number) peer.get("batchesUnacknowledged")).longValue() == 0);
    }

    /** Starts a node that was killed, without waiting. */
    void startAgain(int number) throws IOException {
        nodes.set(number - 1, lab.startNode(number));
    }

    /** The node has announced nothing before it had what the others know. */
    void assertThatItCaughtUpFirst(int number) throws IOException {
        if (replication) {
            List<String> log = Files.readAllLines(node(number).log());
            assertThat(first(log, "caught up with the peers"))
                    .as("in %s", log)
                    .isGreaterThanOrEqualTo(0)
                    .isLessThan(first(log, " is announced"));
        }
    }

    private static int first(List<String> log, String words) {
        for (int i = 0; i < log.size(); i++) {
            if (log.get(i).contains(words)) {
                return i;
            }
        }
        return -1;
    }

    /** {@return what a node says of its replication} */
    Map<?, ?> replication(int number) throws IOException, InterruptedException {
        return (Map<?, ?>) ((Map<?, ?>) node(number).status().get("sections")).get("replication");
    }

    String endOfLogs() throws IOException {
        return lab.endOfLogs();
    }

    @Override
    public void close() {
        lab.close();
    }
}
