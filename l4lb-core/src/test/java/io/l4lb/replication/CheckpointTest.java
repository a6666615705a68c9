package io.l4lb.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.flow.FlowTimeouts;
import io.l4lb.message.sbe.Purpose;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.replica.ReplicaTable;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a checkpoint is due; the table is empty. */
class CheckpointTest {
    private static final long SOON_NS = (Checkpoint.SECONDS_BETWEEN + 1) * 1_000_000_000L;

    private final ReplicaNumbers numbers = new ReplicaNumbers();
    private final DiskBudget budget = new DiskBudget(1 << 20);
    private final FaultyJournal journal = new FaultyJournal();
    private final OwnJournal own = new OwnJournal(journal, numbers, budget, 1, -1, 0);
    private final ReplicaTable table =
            new ReplicaTable(1024, new FlowTimeouts(900, 60).ofReplicas(), numbers, numbers.node("a"));
    private final Checkpoint checkpoint = new Checkpoint(own, table, budget, 0);

    @AfterEach
    void close() {
        table.close();
    }

    @Test
    void notBeforeThereIsMuchToReplay() {
        assertThat(checkpoint.isDue(SOON_NS, Checkpoint.EVENTS_MIN)).isFalse();
        assertThat(checkpoint.isDue(Checkpoint.SECONDS * 1_000_000_000L, 0)).isTrue();
    }

    @Test
    void peersEventsCountSinceTheLastOne() {
        long events = Checkpoint.EVENTS_MIN + 1;
        assertThat(checkpoint.isDue(SOON_NS, events)).isTrue();
        checkpoint.begin(SOON_NS, List.of(), events);
        while (checkpoint.isRunning()) {
            checkpoint.step(SOON_NS, 0, 0);
        }
        assertThat(checkpoint.isDue(2 * SOON_NS, 2 * events - 2)).isFalse();
        assertThat(checkpoint.isDue(2 * SOON_NS, 2 * events)).isTrue();
    }

    @Test
    void whileNothingIsJournaledItIsWhatTriesAgain() {
        journal.isBroken = true;
        own.batch(Purpose.JOURNAL, false, 0);
        own.write(0);
        assertThat(own.problem()).isPresent();

        assertThat(checkpoint.isDue(SOON_NS, 0)).isTrue();
        journal.isBroken = false;
        checkpoint.begin(SOON_NS, List.of(), 0);
        while (checkpoint.isRunning()) {
            checkpoint.step(SOON_NS, 0, 0);
        }
        assertThat(own.problem()).isEmpty();
        assertThat(checkpoint.isDue(2 * SOON_NS, 0)).isFalse();
    }
}
