package io.l4lb.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.peer.PeerCounters.Count;
import io.l4lb.peer.frame.FrameDescriptor;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a receiver bears, frame by frame. */
class SessionBoundsTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final Position FIRST = new Position(10, 1, 0);
    private static final Position SECOND = new Position(11, 1, 1);
    private static final Position OTHER_LIFE = new Position(20, 2, 0);
    private final PeerCounters counters = new PeerCounters();
    private final MemoryReplica replica = new MemoryReplica(true);

    private ReceiverSession follower() {
        SessionTerms terms = new SessionTerms("edge", "b", 10_000, 1 << 20, SECOND_NS, 5 * SECOND_NS, 5 * SECOND_NS);
        return new ReceiverSession(terms, "a", replica, counters, false, 0);
    }

    private static ByteBuffer frame(int kind) {
        return ByteBuffer.allocate(2000)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0)
                .put((byte) kind);
    }

    private static void give(Session receiver, ByteBuffer frame) {
        frame.putInt(0, frame.position() - FrameDescriptor.UNCOUNTED_BYTES);
        receiver.input().put(frame.duplicate().flip());
        receiver.received(frame.position(), 0);
    }

    private static void welcome(Session receiver, boolean isSnapshot) {
        welcome(receiver, isSnapshot, 0);
    }

    private static void welcome(Session receiver, boolean isSnapshot, long helloNs) {
        ByteBuffer frame = frame(FrameDescriptor.WELCOME)
                .putLong(FrameDescriptor.MAGIC)
                .putShort((short) FrameDescriptor.MAJOR_VERSION)
                .put((byte) (isSnapshot ? 1 : 0))
                .putLong(helloNs);
        for (String name : List.of("edge", "a")) {
            frame.put((byte) name.length()).put(name.getBytes(StandardCharsets.US_ASCII));
        }
        give(receiver, frame);
    }

    private static void part(Session receiver, int number, boolean isLast) {
        give(
                receiver,
                frame(FrameDescriptor.SNAPSHOT)
                        .putInt(number)
                        .put((byte) (isLast ? 1 : 0))
                        .put((byte) 50));
    }

    private static void batch(Session receiver, Position position, Position before) {
        ByteBuffer frame = frame(FrameDescriptor.BATCH);
        for (Position each : List.of(position, before)) {
            frame.putLong(each.index()).putLong(each.incarnation()).putLong(each.sequence());
        }
        give(receiver, frame.putInt(0).putLong(7));
    }

    @Test
    void anEndlessSnapshotOfEmptyPartsEnds() {
        ReceiverSession receiver = follower();
        welcome(receiver, true);
        for (int number = 0; number < 1000 && receiver.ending().isEmpty(); number++) {
            part(receiver, number, false);
        }

        assertThat(receiver.ending()).contains(Ending.SNAPSHOT_TOO_LARGE);
        assertThat(replica.snapshots()).isZero();
    }

    @Test
    void theAnswerToAnotherHelloIsNone() {
        ReceiverSession receiver = follower();
        welcome(receiver, true, 1);

        assertThat(receiver.ending()).contains(Ending.MALFORMED);
        assertThat(receiver.isGreeted()).isFalse();
    }

    @Test
    void anOldStreamPlayedAgainIsCountedAndChangesNothing() {
        ReceiverSession receiver = follower();
        welcome(receiver, true);
        part(receiver, 0, true);
        for (int round = 0; round < 2; round++) {
            batch(receiver, FIRST, Position.NONE);
            batch(receiver, SECOND, FIRST);
            batch(receiver, OTHER_LIFE, SECOND);
        }

        assertThat(receiver.ending()).isEmpty();
        assertThat(replica.taken()).containsExactly(Position.NONE, FIRST, SECOND, OTHER_LIFE);
        assertThat(counters.get(Count.REPEATED)).isEqualTo(3);
    }

    @Test
    void behindAGapNothingIsTaken() {
        ReceiverSession receiver = follower();
        welcome(receiver, true);
        part(receiver, 0, true);
        batch(receiver, FIRST, Position.NONE);
        batch(receiver, new Position(12, 1, 2), SECOND);

        assertThat(receiver.ending()).contains(Ending.GAP);
        assertThat(receiver.last()).isEqualTo(FIRST);
    }

    @Test
    void theLastBatchOfALifeMayNotBeMissing() {
        ReceiverSession receiver = follower();
        welcome(receiver, true);
        part(receiver, 0, true);
        batch(receiver, FIRST, Position.NONE);
        batch(receiver, OTHER_LIFE, SECOND);

        assertThat(receiver.ending()).contains(Ending.GAP);
    }

    @Test
    void aHoleInTheSendersJournalIsAGap() {
        ReceiverSession receiver = follower();
        welcome(receiver, true);
        part(receiver, 0, true);
        batch(receiver, FIRST, Position.NONE);
        batch(receiver, new Position(12, 1, 2), FIRST);

        assertThat(receiver.ending()).contains(Ending.GAP);
    }

    @Test
    void aGapThatTheSenderSeesIsSaid() {
        ReceiverSession receiver = follower();
        SessionTerms terms = new SessionTerms("edge", "a", 10_000, 1 << 20, SECOND_NS, 5 * SECOND_NS, 5 * SECOND_NS);
        SenderSession sender = new SenderSession(terms, new Gap(), 0);
        pass(receiver, sender);
        sender.poll(0);
        pass(sender, receiver);

        assertThat(sender.ending()).contains(Ending.GAP);
        assertThat(receiver.ending()).contains(Ending.GAP);
        assertThat(receiver.isPeersWord()).isTrue();
        assertThat(receiver.state()).isEqualTo(ReceiverSession.State.SNAPSHOT);
    }

    private static void pass(Session from, Session to) {
        int length = from.output().remaining();
        to.input().put(from.output());
        to.received(length, 0);
    }

    /** Whoever comes, the journal has a gap. */
    private static final class Gap implements SenderSession.Admission {
        @Override
        public Optional<Ending> objection(String nodeId) {
            return Optional.empty();
        }

        @Override
        public BatchSource open(String nodeId) {
            return (BatchSource) Proxy.newProxyInstance(
                    BatchSource.class.getClassLoader(), new Class<?>[] {BatchSource.class}, (_, method, _) -> {
                        if (method.getName().equals("next")) {
                            throw new BatchSource.GapException("for a test");
                        }
                        return null;
                    });
        }

        @Override
        public PeerCounters counters(String nodeId) {
            return new PeerCounters();
        }
    }

    @Test
    void whoHasNothingIsNotResumed() {
        ReceiverSession receiver = follower();
        welcome(receiver, false);

        assertThat(receiver.ending()).contains(Ending.MALFORMED);
    }

    @Test
    void aBatchDoesNotEndASnapshot() {
        ReceiverSession receiver = follower();
        welcome(receiver, true);
        batch(receiver, FIRST, Position.NONE);

        assertThat(receiver.ending()).contains(Ending.GAP);
        assertThat(replica.taken()).isEmpty();
    }

    @Test
    void silenceIsBrokenByBeatsAndEndsTheSession() {
        ReceiverSession receiver = follower();
        welcome(receiver, true);
        receiver.output().position(receiver.output().limit());
        receiver.poll(2 * SECOND_NS);
        assertThat(receiver.output().remaining()).isEqualTo(FrameDescriptor.PAYLOAD_OFFSET);

        receiver.poll(6 * SECOND_NS);

        assertThat(receiver.ending()).contains(Ending.SILENT);
    }

    @Test
    void lagIsThatOfTheLastMinute() {
        LagMeter meter = new LagMeter();
        meter.record(5_000_000_000L, 0);
        for (int count = 0; count < 99; count++) {
            meter.record(1_000_000, 30 * SECOND_NS);
        }

        assertThat(meter.lag(30 * SECOND_NS).batches()).isEqualTo(100);
        assertThat(meter.lag(30 * SECOND_NS).p50Ns()).isBetween(990_000L, 1_010_000L);
        assertThat(meter.lag(61 * SECOND_NS).batches()).isEqualTo(99);
        assertThat(meter.lag(200 * SECOND_NS).batches()).isZero();
    }
}
