package io.l4lb.replication;

import io.l4lb.counters.EventRate;
import io.l4lb.journal.Journal;
import io.l4lb.journal.JournalException;
import io.l4lb.message.BatchWriter;
import io.l4lb.message.sbe.Purpose;
import io.l4lb.replica.ReplicaNumbers;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What this node says, batch by batch: the sequence of its batches, the Lamport clock, and what becomes of them when the disk
 * fails. Journal thread, except where it says otherwise.
 *
 * <p>While the disk fails, batches are lost, not kept. The next batch that is written gets the number after the last one written, so
 * no reader sees a hole; with it the loss is over, and peers are to take a snapshot ({@link #lossSequence}).
 */
final class OwnJournal {
    /** Batches whose time of writing is remembered, for the lag of peers; a power of two. */
    private static final int TIMES = 1 << 14;

    private static final long RETRY_NS = 1_000_000_000L;
    private static final long NO_LOSS = -1;

    private final Journal journal;
    private final BatchWriter writer;
    private final DiskBudget budget;
    private final long incarnation;
    private final AtomicLongArray appendedNs = new AtomicLongArray(TIMES);
    private volatile long lastIndex;
    private volatile long sequence;
    private volatile long lossSequence = NO_LOSS;
    private final AtomicLong lostEvents = new AtomicLong();
    private final AtomicLong events = new AtomicLong();
    private final EventRate rate = new EventRate();
    private volatile Optional<String> problem;
    private long lamport;
    private long retryNs;
    /** Something was lost since {@link #lossSequence} was set. */
    private boolean hasLost;

    private boolean isOpen;
    private boolean isCheckpoint;

    /**
     * @param incarnation of this process, never the same twice
     * @param lastIndex of the last batch that an earlier process wrote; -1: none
     * @param lamport the latest time that is in any journal of this node
     */
    OwnJournal(
            Journal journal,
            ReplicaNumbers numbers,
            DiskBudget budget,
            long incarnation,
            long lastIndex,
            long lamport) {
        this.journal = journal;
        this.budget = budget;
        this.writer = new BatchWriter(numbers);
        this.incarnation = incarnation;
        this.lastIndex = lastIndex;
        this.lamport = lamport;
        this.problem = journal.refusal();
    }

    /** {@return the batch to add events to} Begun if there is none; {@link #write} ends it. */
    BatchWriter batch(long nowMs) {
        return batch(Purpose.JOURNAL, false, nowMs);
    }

    BatchWriter batch(Purpose purpose, boolean first, long nowMs) {
        if (!isOpen) {
            isOpen = true;
            isCheckpoint = purpose != Purpose.JOURNAL;
            writer.begin(incarnation, sequence + 1, lamport + 1, nowMs, purpose, first);
        }
        return writer;
    }

    /** {@return the Lamport time of the batch that is being made, or of the next} */
    long lamport() {
        return lamport + 1;
    }

    /** {@return whether a batch has been begun and has room for no more} */
    boolean isFull() {
        return isOpen && writer.isFull();
    }

    /** Writes the batch that has been begun, if one has; {@return whether it is in the journal} */
    boolean write(long nowNs) {
        if (!isOpen) {
            return false;
        }
        isOpen = false;
        int count = writer.count();
        int length = writer.finish();
        lamport++;
        if (budget.isSpent() && !isCheckpoint) {
            problem = Optional.of(budget.words());
            retryNs = nowNs;
            lose(count);
            return false;
        }
        if (problem.isPresent() && nowNs - retryNs < 0) {
            lose(count);
            return false;
        }
        try {
            long index = journal.append(writer.buffer(), 0, length);
            long next = sequence + 1;
            appendedNs.setOpaque((int) next & (TIMES - 1), nowNs);
            lastIndex = index;
            sequence = next;
            events.setOpaque(events.getPlain() + count);
            if (!budget.isSpent()) { // else only checkpoints are written, and more is lost between their parts
                problem = Optional.empty();
                endLoss();
            }
            return true;
        } catch (JournalException e) {
            problem = Optional.of(e.getMessage());
            retryNs = nowNs + RETRY_NS;
            lose(count);
            return false;
        }
    }

    private void lose(int count) {
        lostEvents.setOpaque(lostEvents.getPlain() + count);
        hasLost = true;
    }

    /** Only now: a snapshot that is taken while batches are lost has nothing of those that are lost after it. */
    private void endLoss() {
        if (hasLost) {
            hasLost = false;
            lossSequence = sequence;
        }
    }

    /** A batch of another node said that time. */
    void seen(long otherLamport) {
        lamport = Math.max(lamport, otherLamport);
    }

    Journal journal() {
        return journal;
    }

    long incarnation() {
        return incarnation;
    }

    /** {@return the index of the last batch; -1: none} Any thread. */
    long lastIndex() {
        return lastIndex;
    }

    /** {@return the number of the last batch} Any thread. */
    long sequence() {
        return sequence;
    }

    /**
     * {@return the first batch that was written after events were lost, another one after each loss; -1: none were lost} Who has no more
     * than that needs a snapshot. Set after that batch and before the next one are in the journal. Any thread.
     */
    long lossSequence() {
        return lossSequence;
    }

    /** {@return System.nanoTime when that batch was written, or the oldest that is known, which is later; 0: not yet} Any thread. */
    long appendedNs(long batchSequence) {
        long now = sequence;
        long oldest = now - TIMES + 2; // the one before is being overwritten by the next batch, perhaps
        return batchSequence <= now ? appendedNs.getOpaque((int) Math.max(batchSequence, oldest) & (TIMES - 1)) : 0;
    }

    /** {@return events written since the start} Any thread. */
    long events() {
        return events.getOpaque();
    }

    /** {@return how fast events are written} The journal thread samples it. */
    EventRate rate() {
        return rate;
    }

    /** {@return events that could not be written} Any thread. */
    long lostEvents() {
        return lostEvents.getOpaque();
    }

    /** {@return why nothing is journaled at present} Any thread. */
    Optional<String> problem() {
        return problem;
    }
}
