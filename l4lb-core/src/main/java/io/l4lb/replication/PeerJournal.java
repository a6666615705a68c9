package io.l4lb.replication;

import io.l4lb.counters.EventRate;
import io.l4lb.journal.Journal;
import io.l4lb.journal.JournalException;
import io.l4lb.journal.JournalReader;
import io.l4lb.message.BatchReader;
import io.l4lb.message.PeerRecordDescriptor;
import io.l4lb.peer.BatchSink;
import io.l4lb.peer.Position;
import io.l4lb.replica.ReplicaNumbers;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * A peer's journal as far as it has come here: the peer's receiver thread appends, the journal thread applies what is new. For a
 * moment two may append, when a peer has another address: one after the other.
 */
final class PeerJournal implements BatchSink {
    /** So old is what comes, or waits here, of a peer that this node is behind: a hundred times what is usual, on a quiet machine. */
    static final long BEHIND_SECONDS = 5;

    private static final long NS_PER_SECOND = 1_000_000_000L;
    private static final long NOT_YET = Long.MAX_VALUE;
    private static final long MS_PER_SECOND = 1000;

    private final Journal journal;
    private final JournalReader reader;
    private final BatchReader batch;
    private final DiskBudget budget;
    private final LongSupplier clockMs;
    /** Grows to the longest batch that came. */
    private final ExpandableArrayBuffer record = new ExpandableArrayBuffer();

    /** An append into a journal that is closed under it would write to memory that is mapped no more. */
    private final ReentrantLock appending = new ReentrantLock();

    private volatile boolean hasLeft;

    private final AtomicLong appliedEvents = new AtomicLong();
    private final AtomicLong badBatches = new AtomicLong();
    private final EventRate rate = new EventRate();
    private volatile String problem = "";
    /** When all that had come was applied. */
    private final AtomicLong allAppliedNs = new AtomicLong();

    /** When a batch came that had waited at the peer, or on its way, for longer than {@link #BEHIND_SECONDS}. */
    private volatile long cameLateNs;

    private volatile boolean hasComeLate;
    private volatile Position last;
    private volatile Position applied;
    private volatile long lastIndex;
    private volatile long appliedIndex;
    private volatile long caughtUpAt = NOT_YET;

    /**
     * @param last what recovery found to be the last batch in it
     * @param appliedIndex the last local record that has been applied; the rest is still to be read
     */
    PeerJournal(
            Journal journal,
            ReplicaNumbers numbers,
            DiskBudget budget,
            LongSupplier clockMs,
            Position last,
            long appliedIndex) {
        this.journal = journal;
        this.budget = budget;
        this.reader = journal.reader();
        this.batch = new BatchReader(numbers);
        this.clockMs = clockMs;
        this.last = last;
        this.applied = last;
        this.lastIndex = appliedIndex;
        this.appliedIndex = appliedIndex;
        this.allAppliedNs.set(System.nanoTime());
        if (appliedIndex >= 0 && reader.moveTo(appliedIndex)) {
            reader.next();
        }
    }

    @Override
    public Position last() {
        return last;
    }

    @Override
    public void batch(DirectBuffer buffer, int offset, int length, Position position, long ageSeconds) {
        append(buffer, offset, length, position.index(), ageSeconds);
        last = position;
        if (ageSeconds > BEHIND_SECONDS) {
            cameLateNs = System.nanoTime();
            hasComeLate = true;
        }
    }

    @Override
    public void snapshot(DirectBuffer buffer, int offset, int length, boolean isLast) {
        append(buffer, offset, length, PeerRecordDescriptor.NO_INDEX, 0);
    }

    private void append(DirectBuffer buffer, int offset, int length, long index, long ageSeconds) {
        if (budget.isSpent()) {
            throw new JournalException(budget.words());
        }
        appending.lock();
        try {
            if (hasLeft) {
                throw new JournalException("the peer is followed no more");
            }
            record.putLong(PeerRecordDescriptor.INDEX_OFFSET, index, ByteOrder.LITTLE_ENDIAN);
            long writtenMs = clockMs.getAsLong() - ageSeconds * MS_PER_SECOND;
            record.putLong(PeerRecordDescriptor.WRITTEN_MS_OFFSET, writtenMs, ByteOrder.LITTLE_ENDIAN);
            record.putBytes(PeerRecordDescriptor.BATCH_OFFSET, buffer, offset, length);
            lastIndex = journal.append(record, 0, PeerRecordDescriptor.BATCH_OFFSET + length);
        } finally {
            appending.unlock();
        }
    }

    @Override
    public void caughtUp() {
        caughtUpAt = lastIndex;
    }

    @Override
    public Position applied() {
        return applied;
    }

    /** {@return whether all has been applied that the peer had when it was last connected to} Any thread. */
    boolean isCaughtUp() {
        return appliedIndex >= caughtUpAt;
    }

    /**
     * {@return whether what comes is old, or waits here for long} A batch that came late counts for a while: the next one may be one of
     * many behind it. Any thread.
     */
    boolean isBehind(long nowNs) {
        boolean waits = appliedIndex < lastIndex && nowNs - allAppliedNs.getOpaque() > BEHIND_SECONDS * NS_PER_SECOND;
        return waits || (hasComeLate && nowNs - cameLateNs < BEHIND_SECONDS * NS_PER_SECOND);
    }

    /** {@return why what the peer says is not applied; empty: it is} Any thread. */
    String problem() {
        return problem;
    }

    void problem(String now) {
        problem = now;
    }

    /** {@return how fast events are applied} The journal thread samples it. */
    EventRate rate() {
        return rate;
    }

    /** {@return events applied since the start} Any thread. */
    long appliedEvents() {
        return appliedEvents.getOpaque();
    }

    /** {@return records that were no batch} Any thread. */
    long badBatches() {
        return badBatches.getOpaque();
    }

    /** {@return the local record that was last applied; all before it may be deleted once a checkpoint is written} Journal thread. */
    long appliedIndex() {
        return appliedIndex;
    }

    Journal journal() {
        return journal;
    }

    /** Applies what has come; at most {@code recordsMax} records. {@return how many} Journal thread. */
    int apply(MergeSink sink, OwnJournal own, int recordsMax) {
        int records = 0;
        while (records < recordsMax && reader.next()) {
            records++;
            DirectBuffer buffer = reader.buffer();
            int offset = reader.offset();
            int length = reader.length() - PeerRecordDescriptor.BATCH_OFFSET;
            if (length > 0 && batch.wrap(buffer, offset + PeerRecordDescriptor.BATCH_OFFSET, length)) {
                own.seen(batch.lamport());
                long writtenMs =
                        buffer.getLong(offset + PeerRecordDescriptor.WRITTEN_MS_OFFSET, ByteOrder.LITTLE_ENDIAN);
                sink.writtenBefore((clockMs.getAsLong() - writtenMs) / MS_PER_SECOND);
                batch.forEach(sink);
                appliedEvents.setOpaque(appliedEvents.getPlain() + batch.eventCount());
                long index = buffer.getLong(offset + PeerRecordDescriptor.INDEX_OFFSET, ByteOrder.LITTLE_ENDIAN);
                if (index != PeerRecordDescriptor.NO_INDEX) {
                    applied = new Position(index, batch.incarnation(), batch.sequence());
                }
            } else {
                badBatches.setOpaque(badBatches.getPlain() + 1);
            }
            appliedIndex = reader.index();
        }
        if (records < recordsMax) {
            allAppliedNs.setOpaque(System.nanoTime());
        }
        return records;
    }

    /** Nothing is appended from now on, unless it is under way. Journal thread. */
    void leave() {
        hasLeft = true;
    }

    /**
     * Closes the journal, in which nothing is appended from now on. {@return whether it is closed; false: an append is under way, which
     * may take as long as the disk, so try again} Journal thread.
     */
    boolean tryClose() {
        leave();
        if (!appending.tryLock()) {
            return false;
        }
        try {
            reader.close();
            journal.close();
            return true;
        } finally {
            appending.unlock();
        }
    }
}
