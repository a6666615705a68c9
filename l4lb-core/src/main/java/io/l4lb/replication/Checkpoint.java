package io.l4lb.replication;

import io.l4lb.flow.FlowEventSink;
import io.l4lb.journal.Journal;
import io.l4lb.journal.JournalException;
import io.l4lb.message.BatchWriter;
import io.l4lb.message.sbe.Purpose;
import io.l4lb.replica.ReplicaTable;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes all live flows into the own journal, a few batches a pass, and then lets everything go that came before. Journal thread.
 *
 * <p>Due every {@value #SECONDS} s, and when the events since the last one, own and peers', weigh more than twice the table and {@value #EVENTS_MIN}
 * events (64 MiB): so the files of two checkpoints and what came between bound the disk. Also when half of the budget is spent, and
 * after the disk failed, since what was lost of the journal is in the table; while it fails the checkpoint is what tries again.
 */
final class Checkpoint {
    static final long SECONDS = 600;
    /** While the disk fails, and when it is nearly full. */
    static final long SECONDS_BETWEEN = 10;

    static final long EVENTS_MIN = (64L << 20) / 24;

    private static final int SCAN_BUCKETS = 16;
    private static final int PART_EVENTS = 1024 - 8 * SCAN_BUCKETS;
    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final OwnJournal own;
    private final ReplicaTable table;
    private final DiskBudget budget;
    private boolean running;
    private boolean intact;
    private boolean firstPart;
    private int nextBucket;
    private long firstIndex;
    /** Those that were followed when it began. */
    private List<PeerJournal> peers = List.of();

    private long[] peerIndices = {};
    /** What may go with the next one that begins: journals whose flows are in the table. */
    private final List<Runnable> superseded = new ArrayList<>();

    private List<Runnable> supersededByThis = List.of();
    private long lastNs;
    private long lastEvents;
    private long lastPeerEvents;
    private long lastLost;

    Checkpoint(OwnJournal own, ReplicaTable table, DiskBudget budget, long nowNs) {
        this.own = own;
        this.budget = budget;
        this.table = table;
        this.lastNs = nowNs;
    }

    /**
     * {@return whether one is to be written now}
     *
     * @param peerEvents that have been applied so far: a start reads the peers' journals too
     */
    boolean isDue(long nowNs, long peerEvents) {
        long seconds = (nowNs - lastNs) / NS_PER_SECOND;
        if (running || seconds < SECONDS_BETWEEN) {
            return false;
        }
        long events = own.events() - lastEvents + peerEvents - lastPeerEvents;
        return seconds >= SECONDS
                || events > Math.max(EVENTS_MIN, 2 * table.flows())
                || own.lostEvents() != lastLost
                || own.problem().isPresent()
                || budget.isHalfSpent();
    }

    void begin(long nowNs, List<PeerJournal> followed, long peerEvents) {
        lastPeerEvents = peerEvents;
        running = true;
        intact = true;
        firstPart = true;
        nextBucket = 0;
        lastNs = nowNs;
        lastLost = own.lostEvents();
        peers = List.copyOf(followed);
        supersededByThis = List.copyOf(superseded);
        peerIndices = peers.stream().mapToLong(PeerJournal::appliedIndex).toArray();
    }

    /** Runs that when a checkpoint that has not begun yet is on the disk. */
    void whenSuperseded(Runnable removal) {
        superseded.add(removal);
    }

    boolean isRunning() {
        return running;
    }

    /** {@return percent of the table written by the one under way} */
    int percent() {
        return running ? (int) (100L * nextBucket / table.bucketCount()) : 100;
    }

    /** Writes one part; the journal has no batch begun. */
    void step(long nowNs, long nowMs, int tick) {
        boolean end = nextBucket >= table.bucketCount();
        BatchWriter writer = own.batch(end ? Purpose.CHECKPOINT_END : Purpose.CHECKPOINT_PART, firstPart, nowMs);
        Adder adder = new Adder(writer);
        while (nextBucket < table.bucketCount() && writer.count() <= PART_EVENTS) {
            table.scan(nextBucket, SCAN_BUCKETS, tick, adder);
            nextBucket += SCAN_BUCKETS;
        }
        intact &= own.write(nowNs);
        if (firstPart) {
            firstIndex = own.lastIndex();
            firstPart = false;
        }
        if (!intact) {
            running = false; // the disk fails: the one before still counts, a new one follows
            lastEvents = own.events();
        } else if (end) {
            running = false;
            lastEvents = own.events();
            letGo();
        }
    }

    /** Not before the checkpoint is on the disk: after a power failure it may be all there is. */
    private void letGo() {
        long ownIndex = firstIndex;
        long[] indices = peerIndices;
        List<PeerJournal> followed = peers;
        List<Runnable> removals = supersededByThis;
        superseded.removeAll(removals);
        own.journal().whenOnDisk(() -> {
            own.journal().deleteBefore(ownIndex);
            for (int i = 0; i < indices.length; i++) {
                if (indices[i] >= 0) {
                    deleteBefore(followed.get(i).journal(), indices[i]);
                }
            }
            removals.forEach(Runnable::run);
        });
    }

    private static void deleteBefore(Journal journal, long index) {
        try {
            journal.deleteBefore(index);
        } catch (JournalException e) {
            // the peer has left and its files are gone; or they stay until the next checkpoint
        }
    }

    /** Puts what a scan tells into a part. */
    private record Adder(BatchWriter writer) implements FlowEventSink {
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
