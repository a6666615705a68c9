package io.l4lb.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.demo.checker.Checker;
import io.l4lb.demo.checker.Upheaval;
import io.l4lb.demo.client.CheckedBreak;
import io.l4lb.demo.client.CheckedState;
import io.l4lb.demo.lab.LabNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A thousand connections that exchange lines all the time, watched from both ends, while nodes die, backends come and weights
 * change: none breaks. Without replication some do, so the test can tell. Prints its figures. A hundred rounds:
 * {@code ./mvnw verify -pl ecmp-tier -am -Dit.test=SurvivalIT#aNodeDies* -Dl4lb.survival.rounds=100 ...}.
 */
class SurvivalIT {
    private static final int CONNECTIONS = 1000;
    private static final int ROUNDS = Integer.getInteger("l4lb.survival.rounds", 3);
    /** A moved flow is answered by RST at once; silence only says that packets vanish, or that the machine is busy. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** Both ends send again at times that double, up to half of the outage after its end. */
    private static final Duration PATIENCE_OF_AN_OUTAGE = Duration.ofSeconds(90);

    private static final Duration LIMIT = SurvivalLab.LIMIT;
    private static final Duration GONE_LIMIT = Duration.ofSeconds(20);

    private SurvivalLab lab;

    @AfterEach
    void remove() {
        if (lab != null) {
            lab.close();
        }
    }

    /** What is done under the connections. */
    @FunctionalInterface
    private interface Deed {
        void run(Checker checker) throws IOException, InterruptedException;
    }

    /** Runs it, and quotes the nodes if it fails: the lab is gone when somebody reads of it. */
    private void underConnections(Duration patience, Deed deed) throws IOException, InterruptedException {
        try (Checker checker = lab.connect(CONNECTIONS, patience)) {
            assertThat(checker.state().backends()).containsOnlyKeys("backend1", "backend2", "backend3");
            deed.run(checker);
        } catch (IOException | AssertionError e) {
            throw new AssertionError(e.getMessage() + lab.endOfLogs(), e);
        }
    }

    /** The whole run is bounded by its waits. */
    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void aNodeDiesWhileABackendIsAddedAndAWeightChanges() throws IOException, InterruptedException {
        lab = SurvivalLab.start(true);
        int broken = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            broken += round(round);
        }
        System.out.printf("SurvivalIT: %d rounds, %d connections each, %d broken%n", ROUNDS, CONNECTIONS, broken);
        assertThat(broken).isZero();
    }

    /** {@return how many broke} */
    private int round(int round) throws IOException, InterruptedException {
        int victim = 1 + round % SurvivalLab.NODES;
        int[] broken = new int[1];
        underConnections(PATIENCE, checker -> {
            lab.awaitAllWell(); // a node that the router does not use at the moment would be no loss
            Instant begun = Instant.now();
            Instant killed = Upheaval.carryOut(lab.lab(), lab.nodes(), lab.node(victim));
            // negative: a busy machine has held the node up, and the router had left it a moment before it was killed
            Duration gone = lab.routes().untilGone(victim, begun, GONE_LIMIT).minus(Duration.between(begun, killed));
            CheckedState without = checker.awaitVerdict(Instant.now(), LIMIT);
            lab.startAgain(victim);
            lab.awaitAllWell();
            lab.assertThatItCaughtUpFirst(victim);
            CheckedState with = checker.awaitVerdict(Instant.now(), LIMIT);
            Upheaval.undo(lab.lab(), lab.nodes());
            CheckedState undone = checker.awaitVerdict(Instant.now(), LIMIT);
            broken[0] = undone.broken().size();
            System.out.printf(
                    "round %d: node%d killed, router re-hashed after %d ms, backend4 added, backend1 x 3: %d of %d broken;"
                            + " after the node's return (%s flows recovered): %d; after all is as before: %d; backends %s%s%n",
                    round,
                    victim,
                    gone.toMillis(),
                    without.broken().size(),
                    CONNECTIONS,
                    lab.replication(victim).get("recoveredFlows"),
                    with.broken().size(),
                    undone.broken().size(),
                    undone.backends(),
                    reasons(undone.broken()));
            if (broken[0] > 0) {
                System.out.println(lab.endOfLogs()); // gone with the lab when somebody reads of it
            }
            System.out.flush();
        });
        return broken[0];
    }

    @Test
    void withoutReplicationConnectionsBreak() throws IOException, InterruptedException {
        lab = SurvivalLab.start(false);
        underConnections(PATIENCE, checker -> {
            lab.awaitAllWell();
            Upheaval.carryOut(lab.lab(), lab.nodes(), lab.node(2));
            lab.routes().awaitNodes(Set.of(1, 3), LIMIT);
            CheckedState state = checker.awaitVerdict(Instant.now(), LIMIT);
            System.out.printf(
                    "SurvivalIT: without replication: node2 killed, backend4 added, backend1 x 3: %d of %d broken%s%n",
                    state.broken().size(), CONNECTIONS, reasons(state.broken()));
            assertThat(state.broken()).isNotEmpty();
        });
    }

    @Test
    void allNodesAreKilledAndRestartedOneAfterAnother() throws IOException, InterruptedException {
        lab = SurvivalLab.start(true);
        underConnections(PATIENCE, checker -> {
            for (int number = 1; number <= SurvivalLab.NODES; number++) {
                lab.node(number).kill();
                lab.startAgain(number);
                lab.awaitAllWell();
                lab.assertThatItCaughtUpFirst(number);
            }
            CheckedState state = checker.awaitVerdict(Instant.now(), LIMIT);
            System.out.printf(
                    "SurvivalIT: all nodes killed and restarted one after another: %d of %d broken%s%n",
                    state.broken().size(), CONNECTIONS, reasons(state.broken()));
            assertThat(state.broken()).isEmpty();
        });
    }

    /** The Maglev tables are others when the nodes come back, so only what the disks hold can keep the flows. */
    @Test
    void allNodesAreKilledAtOnceAndRestarted() throws IOException, InterruptedException {
        lab = SurvivalLab.start(true);
        underConnections(PATIENCE_OF_AN_OUTAGE, checker -> {
            Instant since = Instant.now();
            Upheaval.configure(lab.lab());
            for (LabNode node : lab.nodes()) {
                node.kill();
            }
            for (int number = 1; number <= SurvivalLab.NODES; number++) {
                lab.startAgain(number);
            }
            lab.awaitAllWell();
            Duration outage = Duration.between(since, Instant.now());
            CheckedState state = checker.awaitVerdict(Instant.now(), PATIENCE_OF_AN_OUTAGE);
            System.out.printf(
                    "SurvivalIT: all nodes killed at once, restarted with another backend and weight: outage %.1f s, all"
                            + " connections heard again %.1f s after; %s flows recovered; %d of %d broken%s%n",
                    outage.toMillis() / 1e3,
                    (state.timeMs() - since.toEpochMilli()) / 1e3,
                    lab.replication(1).get("recoveredFlows"),
                    state.broken().size(),
                    CONNECTIONS,
                    reasons(state.broken()));
            assertThat(state.broken()).isEmpty();
        });
    }

    /** {@return how they broke and how often, to be appended; nothing if none did} */
    private static String reasons(List<CheckedBreak> broken) {
        Map<String, Integer> reasons = new TreeMap<>();
        broken.forEach(each -> reasons.merge(each.reason(), 1, Integer::sum));
        return reasons.isEmpty() ? "" : " " + reasons;
    }
}
