package io.l4lb.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.flow.FlowEventSink;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.journal.JournalReader;
import io.l4lb.message.BatchReader;
import io.l4lb.message.sbe.Purpose;
import io.l4lb.net.IpAddress;
import io.l4lb.peer.BatchSource;
import io.l4lb.peer.Position;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.track.FlowChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What peers are told of flows that a node could not journal, or whose batches are gone. */
class LossTest {
    private static final int TCP = 6;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int FIRST_LIFE = 7;

    private final FaultyJournal journal = new FaultyJournal();
    private final ReplicaNumbers numbers = new ReplicaNumbers();
    private final int vip = numbers.vip(IpAddress.ipv4(0xc6336401), TCP);
    private final int backend = numbers.backend(IpAddress.ipv4(0x0a000001));
    private final BatchReader batch = new BatchReader(new ReplicaNumbers());
    private final List<AutoCloseable> opened = new ArrayList<>();
    private long nowNs = 100 * SECOND_NS;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @Test
    void whatIsLostUntilTheDiskWorksAgainIsInTheSnapshotAfterIt() {
        ReplicationEngine node = node(FIRST_LIFE);
        tell(node, 1);
        BatchSource before = snapshot(node);
        assertThat(drain(before)).containsExactly(1L);
        journal.isBroken = true;
        tell(node, 2);
        BatchSource meanwhile = snapshot(node);
        assertThat(drain(meanwhile)).containsExactly(1L, 2L);
        tell(node, 3);

        repair(node);

        assertThatThrownBy(() -> drain(before)).isInstanceOf(BatchSource.GapException.class);
        assertThatThrownBy(() -> drain(meanwhile)).isInstanceOf(BatchSource.GapException.class);
        assertThat(drain(snapshot(node))).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void whoHasTheFirstBatchAfterALossHasNotWhatWasLost() {
        ReplicationEngine node = node(FIRST_LIFE);
        tell(node, 1);
        journal.isBroken = true;
        tell(node, 2);
        repair(node);
        Position first = last();
        tell(node, 5);

        assertThat(source(node).resumeAfter(first)).isFalse();
        assertThat(source(node).resumeAfter(last())).isTrue();
    }

    @Test
    void eachLossEndsTheSessions() {
        ReplicationEngine node = node(FIRST_LIFE);
        for (int round = 0; round < 3; round++) {
            BatchSource source = snapshot(node);
            drain(source);
            journal.isBroken = true;
            tell(node, 2);
            repair(node);
            assertThatThrownBy(() -> drain(source)).isInstanceOf(BatchSource.GapException.class);
        }
    }

    @Test
    void whileTheBudgetIsSpentTheLossIsNotOver() {
        DiskBudget budget = new DiskBudget(1000);
        OwnJournal own = new OwnJournal(journal, numbers, budget, FIRST_LIFE, -1, 0);
        budget.used(1001);
        own.batch(0);
        assertThat(own.write(nowNs)).isFalse();
        own.batch(Purpose.CHECKPOINT_END, true, 0);
        assertThat(own.write(nowNs)).isTrue();
        assertThat(own.lossSequence()).isNegative();
        assertThat(own.problem()).isPresent();

        budget.used(0);
        own.batch(0);
        assertThat(own.write(nowNs)).isTrue();
        assertThat(own.lossSequence()).isEqualTo(2);
        assertThat(own.problem()).isEmpty();
    }

    @Test
    void afterALossNobodyResumesWhereAnEarlierProcessWas() {
        ReplicationEngine first = node(FIRST_LIFE);
        for (int key = 1; key <= 5; key++) {
            tell(first, key);
        }
        Position position = last();
        ReplicationEngine second = node(FIRST_LIFE + 1);
        assertThat(source(second).resumeAfter(position)).isTrue();

        journal.isBroken = true;
        tell(second, 12);
        repair(second);

        assertThat(source(second).resumeAfter(position)).isFalse();
    }

    @Test
    void aBatchThatIsGoneIsAGap() {
        ReplicationEngine node = node(FIRST_LIFE);
        tell(node, 1);
        Position before = last();
        tell(node, 2);
        journal.hidden.add(last().index());
        tell(node, 3);
        BatchSource source = source(node);
        assertThat(source.resumeAfter(before)).isTrue();

        assertThatThrownBy(source::next).isInstanceOf(BatchSource.GapException.class);
        assertThat(drain(snapshot(node))).containsExactly(1L, 2L, 3L);
    }

    @Test
    void allThatAProcessWroteMayNotBeMissing() {
        tell(node(FIRST_LIFE), 1);
        Position before = last();
        tell(node(FIRST_LIFE + 1), 2);
        Position between = last();
        ReplicationEngine third = node(FIRST_LIFE + 2);
        tell(third, 3);
        BatchSource whole = source(third);
        assertThat(whole.resumeAfter(before)).isTrue();
        assertThat(drain(whole)).contains(2L, 3L);

        for (JournalReader reader = journal.reader(); reader.next(); ) {
            if (reader.index() > before.index() && reader.index() <= between.index()) {
                journal.hidden.add(reader.index());
            }
        }

        BatchSource source = source(third);
        assertThat(source.resumeAfter(before)).isTrue();
        assertThatThrownBy(source::next).isInstanceOf(BatchSource.GapException.class);
    }

    @Test
    void aPeerThatIsFarBehindLagsByAsMuchAsIsKnown() {
        OwnJournal own = new OwnJournal(journal, numbers, new DiskBudget(Long.MAX_VALUE), FIRST_LIFE, -1, 0);
        int batches = 20_000;
        for (int number = 1; number <= batches; number++) {
            own.batch(0);
            own.write(number);
        }

        assertThat(own.appendedNs(batches)).isEqualTo(batches);
        assertThat(own.appendedNs(1)).isBetween(1L, batches - 16_000L);
        assertThat(own.appendedNs(batches + 1)).isZero();
    }

    @Test
    void whatJournalsHaveToComplainOfIsCollected() {
        ReplicationEngine node = node(FIRST_LIFE);
        FaultyJournal ofPeer = new FaultyJournal();
        node.join("b", ofPeer);
        journal.problems.add("own");
        ofPeer.problems.add("of b");

        assertThat(node.journalProblems()).containsExactly("own", "of b");
    }

    private ReplicationEngine node(long incarnation) {
        ReplicationEngine.Parts parts = new ReplicationEngine.Parts(
                "a",
                4096,
                new FlowTimeouts(900, 60),
                numbers,
                1,
                1024,
                incarnation,
                () -> nowNs,
                () -> nowNs / 1_000_000);
        ReplicationEngine node = new ReplicationEngine(parts, journal, Map.of(), 1L << 40, _ -> {});
        opened.add(node);
        return node;
    }

    private void tell(ReplicationEngine node, long key) {
        int tick = FlowStateDescriptor.tick(nowNs);
        long state = FlowStateDescriptor.word(vip, backend, FlowStateDescriptor.ESTABLISHED, tick);
        node.ring(0).offer(0, key, state, 0, FlowChange.PIN, false);
        node.ring(0).publish();
        node.doWork();
    }

    /** The journal tries again a second after a failure. */
    private void repair(ReplicationEngine node) {
        journal.isBroken = false;
        nowNs += 2 * SECOND_NS;
        tell(node, 4);
    }

    private BatchSource source(ReplicationEngine node) {
        BatchSource source = node.source();
        opened.add(source);
        return source;
    }

    private BatchSource snapshot(ReplicationEngine node) {
        BatchSource source = source(node);
        source.startSnapshot();
        return source;
    }

    private Position last() {
        Position last = Position.NONE;
        try (JournalReader reader = journal.reader()) {
            while (reader.next()) {
                assertThat(batch.wrap(reader.buffer(), reader.offset(), reader.length()))
                        .isTrue();
                last = new Position(reader.index(), batch.incarnation(), batch.sequence());
            }
        }
        return last;
    }

    private Set<Long> drain(BatchSource source) {
        Set<Long> keys = new TreeSet<>();
        while (source.next()) {
            assertThat(batch.wrap(source.buffer(), source.offset(), source.length()))
                    .isTrue();
            batch.forEach(new Keys(keys));
        }
        return keys;
    }

    private record Keys(Set<Long> keys) implements FlowEventSink {
        @Override
        public void ipv4(long key, int vip, int backend, int code, boolean proven, long lamport, int node, int age) {
            keys.add(key);
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
            throw new AssertionError("nobody told of such a flow");
        }
    }
}
