package io.l4lb.replication;

import io.l4lb.flow.FlowEventSink;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.journal.JournalReader;
import io.l4lb.message.BatchReader;
import io.l4lb.message.BatchWriter;
import io.l4lb.message.sbe.Purpose;
import io.l4lb.peer.BatchSource;
import io.l4lb.peer.Position;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.replica.ReplicaTable;
import java.util.function.LongSupplier;
import org.agrona.DirectBuffer;

/**
 * What one peer is sent: this node's journal, or before that a snapshot of the replica table, scanned while the journal
 * thread goes on. What changes during the scan is in the journal behind the place where the scan began. That peer's sender
 * thread.
 *
 * <p>Parts of checkpoints are sent without their events: the peer has them, but it counts the batches.
 */
final class JournalSource implements BatchSource {
    /** A part is full when that many buckets more might not fit: eight events a bucket, four of either family. */
    private static final int SCAN_BUCKETS = 16;

    private static final int PART_EVENTS = 1024 - 8 * SCAN_BUCKETS;
    private static final int NO_SNAPSHOT = -1;
    /** Of an index: what is above numbers the journal's file. */
    private static final int FILE_SHIFT = 32;

    private static final long FIRST_SEQUENCE = 1;
    private static final long MS_PER_SECOND = 1000;

    private final OwnJournal own;
    private final ReplicaTable table;
    private final JournalReader reader;
    private final BatchReader batch;
    private final BatchWriter writer;
    private final LongSupplier clockNs;
    private final LongSupplier clockMs;
    private final Adder adder = new Adder();
    private long lossSequence;
    /** Of the batch that the reader is behind; incarnation 0: of none. */
    private long incarnation;

    private long sequence;
    private long file;
    private int nextBucket = NO_SNAPSHOT;
    private boolean isSnapshot;
    private boolean isSnapshotEnd;
    private DirectBuffer buffer;
    private int offset;
    private int length;
    private int ageSeconds;
    private Position position = Position.NONE;

    JournalSource(
            OwnJournal own, ReplicaTable table, ReplicaNumbers numbers, LongSupplier clockNs, LongSupplier clockMs) {
        this.own = own;
        this.table = table;
        this.reader = own.journal().reader();
        this.batch = new BatchReader(numbers);
        this.writer = new BatchWriter(numbers);
        this.clockNs = clockNs;
        this.clockMs = clockMs;
        this.lossSequence = own.lossSequence();
        this.buffer = writer.buffer();
    }

    @Override
    public boolean resumeAfter(Position after) {
        lossSequence = own.lossSequence();
        if (after.isNone() || isBeforeLoss(after) || !reader.moveTo(after.index())) {
            return false;
        }
        if (!reader.next() || !batch.wrap(reader.buffer(), reader.offset(), reader.length())) {
            return false;
        }
        stand();
        return incarnation == after.incarnation() && sequence == after.sequence();
    }

    private boolean isBeforeLoss(Position after) {
        return lossSequence >= 0 && (after.incarnation() != own.incarnation() || after.sequence() <= lossSequence);
    }

    /** The reader is behind that batch now. */
    private void stand() {
        incarnation = batch.incarnation();
        sequence = batch.sequence();
        file = reader.index() >>> FILE_SHIFT;
    }

    @Override
    public void startSnapshot() {
        lossSequence = own.lossSequence();
        long last = own.lastIndex();
        incarnation = 0;
        if (last < 0 || !reader.moveTo(last) || !reader.next()) {
            reader.toStart();
        } else if (batch.wrap(reader.buffer(), reader.offset(), reader.length())) {
            stand();
        }
        nextBucket = 0;
    }

    @Override
    public boolean next() {
        boolean isFound = nextBucket == NO_SNAPSHOT ? read() : scan();
        // not before the look: a batch behind the loss must not be sent, as the peer would resume behind it
        if (own.lossSequence() != lossSequence) {
            throw new GapException("the journal has lost events");
        }
        return isFound;
    }

    private boolean read() {
        isSnapshot = false;
        isSnapshotEnd = false;
        while (reader.next()) {
            if (batch.wrap(reader.buffer(), reader.offset(), reader.length())) {
                take();
                return true;
            }
        }
        return false;
    }

    private void take() {
        if (incarnation != 0 && !isNext()) {
            throw new GapException("batches of the journal were deleted or set aside before the peer was sent them");
        }
        stand();
        position = new Position(reader.index(), incarnation, sequence);
        ageSeconds = Math.clamp((clockMs.getAsLong() - batch.writtenMs()) / MS_PER_SECOND, 0, Integer.MAX_VALUE);
        if (batch.purpose() == Purpose.CHECKPOINT_PART || batch.purpose() == Purpose.CHECKPOINT_END) {
            writer.begin(
                    batch.incarnation(), batch.sequence(), batch.lamport(), batch.writtenMs(), Purpose.JOURNAL, false);
            length = writer.finish();
            offset = 0;
            buffer = writer.buffer();
        } else {
            buffer = reader.buffer();
            offset = reader.offset();
            length = reader.length();
        }
    }

    /** An incarnation begins a file: the one after that of the incarnation before, which else has been deleted. */
    private boolean isNext() {
        return batch.incarnation() == incarnation
                ? batch.sequence() == sequence + 1
                : batch.sequence() == FIRST_SEQUENCE && (reader.index() >>> FILE_SHIFT) - file <= 1;
    }

    private boolean scan() {
        int tick = FlowStateDescriptor.tick(clockNs.getAsLong());
        boolean first = nextBucket == 0;
        writer.begin(own.incarnation(), 0, own.lamport(), clockMs.getAsLong(), Purpose.SNAPSHOT_PART, first);
        while (nextBucket < table.bucketCount() && writer.count() <= PART_EVENTS) {
            table.scan(nextBucket, SCAN_BUCKETS, tick, adder);
            nextBucket += SCAN_BUCKETS;
        }
        length = writer.finish();
        offset = 0;
        buffer = writer.buffer();
        position = Position.NONE;
        isSnapshot = true;
        ageSeconds = 0;
        isSnapshotEnd = nextBucket >= table.bucketCount();
        nextBucket = isSnapshotEnd ? NO_SNAPSHOT : nextBucket;
        return true;
    }

    @Override
    public DirectBuffer buffer() {
        return buffer;
    }

    @Override
    public int offset() {
        return offset;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public Position position() {
        return position;
    }

    @Override
    public int ageSeconds() {
        return ageSeconds;
    }

    @Override
    public boolean isSnapshot() {
        return isSnapshot;
    }

    @Override
    public boolean isSnapshotEnd() {
        return isSnapshotEnd;
    }

    @Override
    public int snapshotPercent() {
        return nextBucket == NO_SNAPSHOT ? 100 : (int) (100L * nextBucket / table.bucketCount());
    }

    @Override
    public long appendedNs() {
        return position.incarnation() == own.incarnation() ? own.appendedNs(position.sequence()) : 0;
    }

    @Override
    public void close() {
        reader.close();
    }

    /** Puts what a scan tells into the part. */
    private final class Adder implements FlowEventSink {
        @Override
        public void ipv4(long key, int vip, int backend, int code, boolean proven, long lamport, int node, int age) {
            writer.addIpv4(key, vip, backend, code, proven, lamport, node, age);
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
            writer.addIpv6(high, low, ports, vip, backend, code, proven, lamport, node, age);
        }
    }
}
