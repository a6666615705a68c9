package io.l4lb.peer;

import io.l4lb.peer.PeerCounters.Count;
import io.l4lb.peer.frame.FrameDescriptor;
import io.l4lb.peer.frame.FrameOutput;
import java.util.Optional;
import org.agrona.DirectBuffer;

/**
 * The side that is followed: waits for hello, then sends the journal behind the position that hello names, or a snapshot and the
 * journal behind that; at most {@link SessionTerms#windowBytes} of batches ahead of what is acknowledged.
 */
public final class SenderSession extends Session {
    private final Admission admission;
    private final InFlight inFlight = new InFlight();
    private PeerCounters counters;
    private String peerId = "";
    private BatchSource source;
    /** The source's batch is not in the output yet. */
    private boolean isBatchWaiting;

    private boolean isSnapshotting;
    private boolean isCaughtUp;
    private int parts;
    private int percent;
    private Position sent = Position.NONE;
    private Position applied = Position.NONE;

    /** Who may follow, and what he gets. */
    public interface Admission {
        /** {@return why {@code nodeId} may not follow this node; empty if he may} */
        Optional<Ending> objection(String nodeId);

        /** Called once, if there was no objection. {@return what to send; the session closes it} */
        BatchSource open(String nodeId);

        /** {@return where to count what happens with {@code nodeId}, whom nobody objected to} */
        PeerCounters counters(String nodeId);
    }

    public SenderSession(SessionTerms terms, Admission admission, long nowNs) {
        super(terms, new FrameOutput(FrameDescriptor.MAX_SHORT_LENGTH_BYTES), nowNs);
        this.admission = admission;
    }

    /** {@return who follows; empty until he has said so} */
    public String peerId() {
        return peerId;
    }

    @Override
    public boolean isGreeted() {
        return source != null;
    }

    /** {@return whether all that the journal had was sent} */
    public boolean isCaughtUp() {
        return isCaughtUp;
    }

    public boolean isSnapshotting() {
        return isSnapshotting;
    }

    /** {@return how much of the snapshot was sent} */
    public int snapshotPercent() {
        return percent;
    }

    /** {@return how many batches were sent and not acknowledged} */
    public int unacknowledged() {
        return inFlight.count();
    }

    /** {@return when the oldest of them was journaled; 0: none, or unknown} */
    public long oldestNs() {
        return inFlight.oldestNs();
    }

    /** {@return the last batch that the peer says to have applied, while this session lasted} */
    public Position applied() {
        return applied;
    }

    /** Releases the source. */
    public void close() {
        end(Ending.CLOSED);
        if (source != null) {
            source.close();
        }
    }

    @Override
    void frame(int kind, DirectBuffer buffer, int offset, int length, long nowNs) {
        if (!isGreeted()) {
            Optional<Ending> objection =
                    kind == FrameDescriptor.HELLO ? hello(buffer, offset, length) : Optional.of(Ending.MALFORMED);
            objection.ifPresent(this::end);
        } else if (kind == FrameDescriptor.ACK && length >= FrameDescriptor.POSITION_LENGTH_BYTES) {
            applied = positionAt(buffer, offset);
            inFlight.acknowledge(applied, nowNs, counters.lag());
        } else if (kind != FrameDescriptor.BEAT) {
            end(Ending.MALFORMED);
        }
    }

    private Optional<Ending> hello(DirectBuffer buffer, int offset, int length) {
        Optional<Ending> objection = greetingObjection(buffer, offset, length);
        if (objection.isPresent()) {
            return objection;
        }
        int end = offset + length;
        int at = offset + FrameDescriptor.HELLO_NAMES_OFFSET;
        Optional<String> cluster = nameAt(buffer, at, end);
        at += cluster.map(Session::nameLength).orElse(0);
        Optional<String> follower = nameAt(buffer, at, end);
        at += follower.map(Session::nameLength).orElse(0);
        Optional<String> followed = nameAt(buffer, at, end);
        if (cluster.isEmpty() || follower.isEmpty() || followed.isEmpty()) {
            return Optional.of(Ending.MALFORMED);
        }
        if (!cluster.get().equals(terms.cluster())) {
            return Optional.of(Ending.OTHER_CLUSTER);
        }
        if (!followed.get().equals(terms.nodeId())) {
            return Optional.of(Ending.WRONG_NAME);
        }
        objection = admission.objection(follower.get());
        if (objection.isEmpty()) {
            admit(
                    follower.get(),
                    positionAt(buffer, offset + FrameDescriptor.HELLO_POSITION_OFFSET),
                    buffer.getLong(offset + FrameDescriptor.HELLO_TIME_OFFSET, FrameDescriptor.BYTE_ORDER));
        }
        return objection;
    }

    private void admit(String follower, Position position, long helloTime) {
        peerId = follower;
        counters = admission.counters(follower);
        source = admission.open(follower);
        isSnapshotting = position.isNone() || !source.resumeAfter(position);
        if (isSnapshotting) {
            source.startSnapshot();
            counters.add(Count.SNAPSHOTS_OUT, 1);
        } else {
            sent = position;
        }
        out.allow(FrameDescriptor.MAX_LENGTH_BYTES);
        int offset = append(
                FrameDescriptor.WELCOME,
                FrameDescriptor.WELCOME_NAMES_OFFSET + nameLength(terms.cluster()) + nameLength(terms.nodeId()));
        putGreeting(offset);
        out.buffer().putByte(offset + FrameDescriptor.WELCOME_SNAPSHOT_OFFSET, (byte) (isSnapshotting ? 1 : 0));
        out.buffer().putLong(offset + FrameDescriptor.WELCOME_TIME_OFFSET, helloTime, FrameDescriptor.BYTE_ORDER);
        int names = putName(out.buffer(), offset + FrameDescriptor.WELCOME_NAMES_OFFSET, terms.cluster());
        putName(out.buffer(), names, terms.nodeId());
    }

    @Override
    int say(long nowNs) {
        int work = 0;
        while (isGreeted() && ending().isEmpty() && hasBatch() && sendBatch()) {
            work++;
        }
        if (isGreeted()
                && ending().isEmpty()
                && !isBatchWaiting
                && !isSnapshotting
                && !isCaughtUp
                && out.hasRoom(FrameDescriptor.POSITION_LENGTH_BYTES)) {
            isCaughtUp = true;
            putPosition(out.buffer(), append(FrameDescriptor.CAUGHT_UP, FrameDescriptor.POSITION_LENGTH_BYTES), sent);
            work++;
        }
        return work;
    }

    private boolean hasBatch() {
        try {
            isBatchWaiting = isBatchWaiting || source.next();
        } catch (BatchSource.GapException e) {
            end(Ending.GAP);
        }
        return isBatchWaiting;
    }

    /** {@return whether the waiting batch went into the output} */
    private boolean sendBatch() {
        int length = source.length();
        int before = source.isSnapshot() ? FrameDescriptor.PART_BATCH_OFFSET : FrameDescriptor.BATCH_OFFSET;
        if (length > FrameDescriptor.MAX_BATCH_LENGTH_BYTES || source.isSnapshot() != isSnapshotting) {
            end(Ending.FAILED);
            return false;
        }
        if (!out.hasRoom(before + length) || (!isSnapshotting && inFlight.isFull(terms.windowBytes()))) {
            return false;
        }
        int offset = append(isSnapshotting ? FrameDescriptor.SNAPSHOT : FrameDescriptor.BATCH, before + length);
        out.buffer().putBytes(offset + before, source.buffer(), source.offset(), length);
        if (isSnapshotting) {
            putPart(offset);
        } else {
            putPosition(out.buffer(), offset + FrameDescriptor.BEFORE_OFFSET, sent);
            sent = source.position();
            putPosition(out.buffer(), offset, sent);
            out.buffer().putInt(offset + FrameDescriptor.AGE_OFFSET, source.ageSeconds(), FrameDescriptor.BYTE_ORDER);
            inFlight.add(sent, length, source.appendedNs());
            counters.add(Count.BATCHES_OUT, 1);
        }
        isBatchWaiting = false;
        return true;
    }

    private void putPart(int offset) {
        boolean isLast = source.isSnapshotEnd();
        percent = isLast ? 100 : Math.clamp(source.snapshotPercent(), 0, 100);
        out.buffer().putInt(offset + FrameDescriptor.PART_OFFSET, parts++, FrameDescriptor.BYTE_ORDER);
        out.buffer().putByte(offset + FrameDescriptor.LAST_PART_OFFSET, (byte) (isLast ? 1 : 0));
        out.buffer().putByte(offset + FrameDescriptor.PERCENT_OFFSET, (byte) percent);
        isSnapshotting = !isLast;
    }

    @Override
    void counted(Count count, long amount) {
        if (counters != null) {
            counters.add(count, amount);
        }
    }
}
