package io.l4lb.peer;

import io.l4lb.peer.PeerCounters.Count;
import io.l4lb.peer.frame.FrameDescriptor;
import io.l4lb.peer.frame.FrameOutput;
import java.util.Optional;
import org.agrona.DirectBuffer;

/**
 * The side that follows: says hello with the last position that it has, and takes what comes if it is the next. What has come
 * before is ignored; behind a gap the session ends, and the next one resumes before it.
 */
public final class ReceiverSession extends Session {
    /** Of memory and disk a part takes more than its bytes: an endless row of empty ones ends too. */
    private static final int PART_COST_BYTES = 64;
    /** A hello, and acknowledgements of which only the last matters. */
    private static final int OUTPUT_LENGTH_BYTES = 4 * FrameDescriptor.MAX_SHORT_LENGTH_BYTES;

    private final String peerId;
    private final BatchSink sink;
    private final PeerCounters counters;
    private final long helloNs;
    private State state = State.GREETING;
    private Position last;
    private Position acknowledged = Position.NONE;
    private long nextPart;
    private long snapshotBytes;
    private int percent;

    /** How far it is. */
    public enum State {
        GREETING,
        SNAPSHOT,
        FOLLOWING,
        CAUGHT_UP
    }

    /**
     * Says hello.
     *
     * @param peerId who is expected at the other end
     * @param isAnew whether to ask for a snapshot, whatever the sink has
     */
    public ReceiverSession(
            SessionTerms terms, String peerId, BatchSink sink, PeerCounters counters, boolean isAnew, long nowNs) {
        super(terms, new FrameOutput(OUTPUT_LENGTH_BYTES), nowNs);
        this.peerId = peerId;
        this.sink = sink;
        this.counters = counters;
        helloNs = nowNs;
        last = isAnew ? Position.NONE : sink.last();
        sayHello();
    }

    private void sayHello() {
        int offset = append(
                FrameDescriptor.HELLO,
                FrameDescriptor.HELLO_NAMES_OFFSET
                        + nameLength(terms.cluster())
                        + nameLength(terms.nodeId())
                        + nameLength(peerId));
        putGreeting(offset);
        putPosition(out.buffer(), offset + FrameDescriptor.HELLO_POSITION_OFFSET, last);
        out.buffer().putLong(offset + FrameDescriptor.HELLO_TIME_OFFSET, helloNs, FrameDescriptor.BYTE_ORDER);
        int at = putName(out.buffer(), offset + FrameDescriptor.HELLO_NAMES_OFFSET, terms.cluster());
        at = putName(out.buffer(), at, terms.nodeId());
        putName(out.buffer(), at, peerId);
    }

    public State state() {
        return state;
    }

    /** {@return how much of the snapshot came} */
    public int snapshotPercent() {
        return percent;
    }

    /** {@return the last batch of the stream that was taken} */
    public Position last() {
        return last;
    }

    /** {@return whether the peer was told of the last batch that it was applied} */
    public boolean isAllAcknowledged() {
        return last.isNone() || last.equals(acknowledged);
    }

    @Override
    public boolean isGreeted() {
        return state != State.GREETING;
    }

    @Override
    void frame(int kind, DirectBuffer buffer, int offset, int length, long nowNs) {
        if (!isGreeted()) {
            Optional<Ending> objection =
                    kind == FrameDescriptor.WELCOME ? welcome(buffer, offset, length) : Optional.of(Ending.MALFORMED);
            objection.ifPresent(this::end);
            return;
        }
        switch (kind) {
            case FrameDescriptor.BATCH -> batch(buffer, offset, length);
            case FrameDescriptor.SNAPSHOT -> snapshot(buffer, offset, length);
            case FrameDescriptor.CAUGHT_UP -> caughtUp(buffer, offset, length);
            case FrameDescriptor.BEAT -> {}
            default -> end(Ending.MALFORMED);
        }
    }

    private Optional<Ending> welcome(DirectBuffer buffer, int offset, int length) {
        Optional<Ending> objection = greetingObjection(buffer, offset, length);
        if (objection.isPresent()) {
            return objection;
        }
        int end = offset + length;
        int at = offset + FrameDescriptor.WELCOME_NAMES_OFFSET;
        Optional<String> cluster = nameAt(buffer, at, end);
        Optional<String> followed = cluster.flatMap(name -> nameAt(buffer, at + nameLength(name), end));
        if (followed.isEmpty()) {
            return Optional.of(Ending.MALFORMED);
        }
        if (!cluster.get().equals(terms.cluster())) {
            return Optional.of(Ending.OTHER_CLUSTER);
        }
        if (!followed.get().equals(peerId)) {
            return Optional.of(Ending.WRONG_NAME);
        }
        boolean isSnapshot = buffer.getByte(offset + FrameDescriptor.WELCOME_SNAPSHOT_OFFSET) != 0;
        long answered = buffer.getLong(offset + FrameDescriptor.WELCOME_TIME_OFFSET, FrameDescriptor.BYTE_ORDER);
        if (answered != helloNs || (!isSnapshot && last.isNone())) {
            return Optional.of(Ending.MALFORMED);
        }
        in.allow(FrameDescriptor.MAX_LENGTH_BYTES);
        state = isSnapshot ? State.SNAPSHOT : State.FOLLOWING;
        if (isSnapshot) {
            last = Position.NONE;
            counters.add(Count.SNAPSHOTS_IN, 1);
        }
        return Optional.empty();
    }

    private void batch(DirectBuffer buffer, int offset, int length) {
        if (length < FrameDescriptor.BATCH_OFFSET || state == State.SNAPSHOT) {
            end(state == State.SNAPSHOT ? Ending.GAP : Ending.MALFORMED);
            return;
        }
        Position position = positionAt(buffer, offset);
        if (position.isNone()) {
            end(Ending.MALFORMED);
        } else if (!last.isNone() && isRepeated(position)) {
            counters.add(Count.REPEATED, 1);
        } else if (!positionAt(buffer, offset + FrameDescriptor.BEFORE_OFFSET).equals(last) || !isNext(position)) {
            end(Ending.GAP);
        } else {
            long age = Integer.toUnsignedLong(
                    buffer.getInt(offset + FrameDescriptor.AGE_OFFSET, FrameDescriptor.BYTE_ORDER));
            sink.batch(
                    buffer,
                    offset + FrameDescriptor.BATCH_OFFSET,
                    length - FrameDescriptor.BATCH_OFFSET,
                    position,
                    age);
            last = position;
            counters.add(Count.BATCHES_IN, 1);
        }
    }

    private boolean isRepeated(Position position) {
        return (position.incarnation() == last.incarnation() && position.sequence() <= last.sequence())
                || position.index() <= last.index();
    }

    /** Whatever the sender says: a journal whose files were deleted under its reader has a hole. */
    private boolean isNext(Position position) {
        return last.isNone()
                || position.incarnation() != last.incarnation()
                || position.sequence() == last.sequence() + 1;
    }

    private void snapshot(DirectBuffer buffer, int offset, int length) {
        if (length < FrameDescriptor.PART_BATCH_OFFSET) {
            end(Ending.MALFORMED);
            return;
        }
        long part =
                Integer.toUnsignedLong(buffer.getInt(offset + FrameDescriptor.PART_OFFSET, FrameDescriptor.BYTE_ORDER));
        if (part < nextPart) {
            counters.add(Count.REPEATED, 1);
            return;
        } else if (part > nextPart) {
            end(Ending.GAP);
            return;
        } else if (state != State.SNAPSHOT) {
            end(Ending.MALFORMED);
            return;
        }
        snapshotBytes += length + PART_COST_BYTES;
        if (snapshotBytes > terms.snapshotBytesMax()) {
            end(Ending.SNAPSHOT_TOO_LARGE);
            return;
        }
        nextPart++;
        boolean isLast = buffer.getByte(offset + FrameDescriptor.LAST_PART_OFFSET) != 0;
        percent = Math.clamp(buffer.getByte(offset + FrameDescriptor.PERCENT_OFFSET), 0, 100);
        sink.snapshot(
                buffer, offset + FrameDescriptor.PART_BATCH_OFFSET, length - FrameDescriptor.PART_BATCH_OFFSET, isLast);
        if (isLast) {
            state = State.FOLLOWING;
        }
    }

    private void caughtUp(DirectBuffer buffer, int offset, int length) {
        if (length < FrameDescriptor.POSITION_LENGTH_BYTES) {
            end(Ending.MALFORMED);
        } else if (state == State.FOLLOWING) {
            if (positionAt(buffer, offset).equals(last)) {
                state = State.CAUGHT_UP;
                sink.caughtUp();
            } else {
                end(Ending.GAP);
            }
        } else if (state == State.SNAPSHOT) {
            end(Ending.GAP);
        }
    }

    @Override
    int say(long nowNs) {
        if (!isGreeted()) {
            return 0;
        }
        Position applied = sink.applied();
        if (applied.equals(acknowledged) || !out.hasRoom(FrameDescriptor.POSITION_LENGTH_BYTES)) {
            return 0;
        }
        putPosition(out.buffer(), append(FrameDescriptor.ACK, FrameDescriptor.POSITION_LENGTH_BYTES), applied);
        acknowledged = applied;
        return 1;
    }

    @Override
    void counted(Count count, long amount) {
        counters.add(count, amount);
    }
}
