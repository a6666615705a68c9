package io.l4lb.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.peer.PeerCounters.Count;
import io.l4lb.peer.frame.FrameDescriptor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a receiver bears, frame by frame. */
class SessionBoundsTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final Position FIRST = new Position(10, 1, 0);
    private static final Position SECOND = new Position(11, 1, 1);
    private static final Position OTHER_LIFE = new Position(20, 2, 0);
    private final PeerCounters counters = new PeerCounters();
    private final MemoryReplica replica = new MemoryReplica(true);

    private ReceiverSession session() {
        SessionTerms terms = new SessionTerms("edge", "b", 10_000, 1 << 20, SECOND_NS, 5 * SECOND_NS, 5 * SECOND_NS);
        return new ReceiverSession(terms, "a", replica, counters, false, 0);
    }

    private static ByteBuffer frame(int kind) {
        return ByteBuffer.allocate(2000)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0)
                .put((byte) kind);
    }

    private static void give(Session session, ByteBuffer frame) {
        frame.putInt(0, frame.position() - FrameDescriptor.UNCOUNTED_BYTES);
        session.input().put(frame.duplicate().flip());
        session.received(frame.position(), 0);
    }

    private static void welcome(Session session, boolean isSnapshot) {
        ByteBuffer frame = frame(FrameDescriptor.WELCOME)
                .putLong(FrameDescriptor.MAGIC)
                .putShort((short) FrameDescriptor.MAJOR_VERSION)
                .put((byte) (isSnapshot ? 1 : 0));
        for (String name : List.of("edge", "a")) {
            frame.put((byte) name.length()).put(name.getBytes(StandardCharsets.US_ASCII));
        }
        give(session, frame);
    }

    private static void part(Session session, int number, boolean isLast) {
        give(
                session,
                frame(FrameDescriptor.SNAPSHOT)
                        .putInt(number)
                        .put((byte) (isLast ? 1 : 0))
                        .put((byte) 50));
    }

    private static void batch(Session session, Position position, Position before) {
        ByteBuffer frame = frame(FrameDescriptor.BATCH);
        for (Position each : List.of(position, before)) {
            frame.putLong(each.index()).putLong(each.incarnation()).putLong(each.sequence());
        }
        give(session, frame.putLong(7));
    }

    @Test
    void anEndlessSnapshotOfEmptyPartsEnds() {
        ReceiverSession session = session();
        welcome(session, true);
        for (int number = 0; number < 1000 && session.ending().isEmpty(); number++) {
            part(session, number, false);
        }

        assertThat(session.ending()).contains(Ending.SNAPSHOT_TOO_LARGE);
        assertThat(replica.snapshots()).isZero();
    }

    @Test
    void anOldStreamPlayedAgainIsCountedAndChangesNothing() {
        ReceiverSession session = session();
        welcome(session, true);
        part(session, 0, true);
        for (int round = 0; round < 2; round++) {
            batch(session, FIRST, Position.NONE);
            batch(session, SECOND, FIRST);
            batch(session, OTHER_LIFE, SECOND);
        }

        assertThat(session.ending()).isEmpty();
        assertThat(replica.taken()).containsExactly(Position.NONE, FIRST, SECOND, OTHER_LIFE);
        assertThat(counters.get(Count.REPEATED)).isEqualTo(3);
    }

    @Test
    void behindAGapNothingIsTaken() {
        ReceiverSession session = session();
        welcome(session, true);
        part(session, 0, true);
        batch(session, FIRST, Position.NONE);
        batch(session, new Position(12, 1, 2), SECOND);

        assertThat(session.ending()).contains(Ending.GAP);
        assertThat(session.last()).isEqualTo(FIRST);
    }

    @Test
    void theLastBatchOfALifeMayNotBeMissing() {
        ReceiverSession session = session();
        welcome(session, true);
        part(session, 0, true);
        batch(session, FIRST, Position.NONE);
        batch(session, OTHER_LIFE, SECOND);

        assertThat(session.ending()).contains(Ending.GAP);
    }

    @Test
    void aHoleInTheSendersJournalIsAGap() {
        ReceiverSession session = session();
        welcome(session, true);
        part(session, 0, true);
        batch(session, FIRST, Position.NONE);
        batch(session, new Position(12, 1, 2), FIRST);

        assertThat(session.ending()).contains(Ending.GAP);
    }

    @Test
    void whoHasNothingIsNotResumed() {
        ReceiverSession session = session();
        welcome(session, false);

        assertThat(session.ending()).contains(Ending.MALFORMED);
    }

    @Test
    void aBatchDoesNotEndASnapshot() {
        ReceiverSession session = session();
        welcome(session, true);
        batch(session, FIRST, Position.NONE);

        assertThat(session.ending()).contains(Ending.GAP);
        assertThat(replica.taken()).isEmpty();
    }

    @Test
    void silenceIsBrokenByBeatsAndEndsTheSession() {
        ReceiverSession session = session();
        welcome(session, true);
        session.output().position(session.output().limit());
        session.poll(2 * SECOND_NS);
        assertThat(session.output().remaining()).isEqualTo(FrameDescriptor.PAYLOAD_OFFSET);

        session.poll(6 * SECOND_NS);

        assertThat(session.ending()).contains(Ending.SILENT);
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
