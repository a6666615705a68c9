package io.l4lb.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.flow.FlowEventSink;
import io.l4lb.journal.Recovery.Recovered;
import io.l4lb.message.BatchWriter;
import io.l4lb.message.sbe.Purpose;
import io.l4lb.replica.ReplicaNumbers;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Flows are told apart by client; each batch has one event. */
class RecoveryTest {
    private static final long NOW_MS = 1_000_000;

    private record Told(long client, int ageSeconds) {}

    private static final class Sink implements FlowEventSink {
        private final List<Told> told = new ArrayList<>();

        @Override
        public void ipv4(long client, int vip, int backend, int code, boolean proven, long lamport, int node, int age) {
            told.add(new Told(client, age));
        }

        @Override
        public void ipv6(
                long high,
                long low,
                int ports,
                int vip,
                int backend,
                int code,
                boolean proven,
                long lamport,
                int node,
                int age) {
            told.add(new Told(low, age));
        }

        private List<Long> clients() {
            return told.stream().map(Told::client).toList();
        }
    }

    private final ReplicaNumbers numbers = new ReplicaNumbers();
    private final Journal journal = new MemoryJournal(4, 1 << 24);
    private final BatchWriter writer = new BatchWriter(numbers);
    private final Sink sink = new Sink();
    private final List<Long> progress = new ArrayList<>();
    private final Recovery recovery = new Recovery(numbers, () -> NOW_MS, progress::add);
    private long sequence;
    private long writtenMs = NOW_MS;

    private long append(Purpose purpose, boolean first, long client) {
        writer.begin(7, sequence++, 100 + sequence, writtenMs, purpose, first);
        int vip = numbers.vip(0, 1, false, 6);
        writer.addIpv4(client, vip, numbers.backend(0, 2, false), 4, true, 5, numbers.node("a"), 10);
        return journal.append(writer.buffer(), 0, writer.finish());
    }

    /** What is older than the last whole checkpoint is files that could not be deleted yet. */
    @Test
    void ownJournalIsReadOnceInItsOrder() {
        append(Purpose.CHECKPOINT_PART, true, 1);
        append(Purpose.CHECKPOINT_END, false, 2);
        append(Purpose.JOURNAL, false, 3);
        append(Purpose.CHECKPOINT_PART, true, 4);
        append(Purpose.JOURNAL, false, 5);
        long last = append(Purpose.JOURNAL, false, 6);

        Recovered recovered = recovery.own(journal, sink);

        assertThat(sink.clients()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(recovered).isEqualTo(new Recovered(6, 6, 0, "", 0, 7, 5, 106, last, -1));
        assertThat(progress).last().isEqualTo(6L);
    }

    @Test
    void batchesThatAreMissingOrSpoiltAreCounted() {
        append(Purpose.JOURNAL, false, 1);
        sequence += 5;
        append(Purpose.JOURNAL, false, 2);
        journal.append(new UnsafeBuffer(new byte[500]), 0, 500);
        append(Purpose.JOURNAL, false, 3);

        Recovered recovered = recovery.own(journal, sink);

        assertThat(sink.clients()).containsExactly(1L, 2L, 3L);
        assertThat(recovered.missingBatches()).isEqualTo(5);
        assertThat(recovered.badBatches()).isEqualTo(1);
        assertThat(recovered.firstProblem()).contains("is not a batch");
    }

    @Test
    void ageIsThatOfTheEventAndOfItsBatchAndNeverNegative() {
        writtenMs = NOW_MS - 90_500;
        append(Purpose.JOURNAL, false, 1);
        writtenMs = NOW_MS + 3_600_000;
        append(Purpose.JOURNAL, false, 2);
        writtenMs = Long.MIN_VALUE / 2;
        append(Purpose.JOURNAL, false, 3);
        recovery.own(journal, sink);

        assertThat(sink.told)
                .containsExactly(new Told(1, 100), new Told(2, 10), new Told(3, Integer.MAX_VALUE / 2 + 10));
    }

    @Test
    void emptyJournalIsNoTrouble() {
        assertThat(recovery.own(journal, sink)).isEqualTo(new Recovered(0, 0, 0, "", 0, 0, 0, 0, -1, -1));
    }

    @Test
    void batchesOfAnEarlierLifeAreReadToo() {
        append(Purpose.JOURNAL, false, 1);
        writer.begin(8, 0, 500, NOW_MS, Purpose.JOURNAL, false);
        journal.append(writer.buffer(), 0, writer.finish());

        Recovered recovered = recovery.own(journal, sink);

        assertThat(recovered.incarnation()).isEqualTo(8);
        assertThat(recovered.sequence()).isZero();
        assertThat(recovered.lamport()).isEqualTo(500);
        assertThat(recovered.missingBatches()).isZero();
        assertThat(sink.clients()).containsExactly(1L);
    }
}
