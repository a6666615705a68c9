package io.l4lb.replication;

import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.journal.Journal;
import io.l4lb.journal.JournalException;
import io.l4lb.message.BatchWriter;
import io.l4lb.replica.ClaimDescriptor;
import io.l4lb.replica.ReplicaBuckets;
import io.l4lb.replica.ReplicaTable;
import io.l4lb.track.FlowChangeDescriptor;
import io.l4lb.track.FlowChangeRing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The journal thread's work: takes what workers say, journals it, applies what peers say, writes checkpoints, sweeps. The one writer
 * of the replica table and of the own journal. {@link #doWork} is one pass; each part of it is bounded, so that none starves another.
 */
public final class JournalAgent {
    /** A ring's share of a pass: some ms of the thread at most. */
    private static final int CHANGES_A_RING = 4096;

    /** Between two pieces of memory: a piece of 2 MiB has taken from 0.3 to 10 ms, and an idle node is to stay idle. */
    private static final long TOUCH_NS = 20_000_000L;

    private static final long MEASURE_NS = 1_000_000_000L;
    private static final long RETRY_NS = 1_000_000_000L;
    private static final int RECORDS_A_PEER = 16;
    private static final int CHECKPOINT_PARTS = 2;
    /** At a thousand passes a second a table of 16 M flows is gone round in two minutes. */
    private static final int SWEEP_BUCKETS = 64;

    private final List<FlowChangeRing> rings;
    private final ReplicaTable table;
    private final OwnJournal own;
    private final Checkpoint checkpoint;
    private final MergeSink merger;
    private final DiskBudget budget;
    private volatile List<PeerJournal> peers;
    /** Those of the last pass. */
    private List<PeerJournal> used;

    private long measuredNs;
    private long touchedNs;
    /** Peers whose journals could not be read, and when. */
    private final Map<PeerJournal, Long> failedNs = new HashMap<>();

    /** Closed, and not removed yet. */
    private final List<Journal> departed = new CopyOnWriteArrayList<>();

    private volatile String problem = "";
    private int tick;

    JournalAgent(
            List<FlowChangeRing> rings,
            ReplicaTable table,
            OwnJournal own,
            List<PeerJournal> peers,
            List<Journal> departed,
            DiskBudget budget,
            long nowNs) {
        this.rings = List.copyOf(rings);
        this.table = table;
        this.own = own;
        this.peers = List.copyOf(peers);
        this.used = this.peers;
        this.budget = budget;
        this.merger = new MergeSink(table, FlowStateDescriptor.tick(nowNs));
        this.checkpoint = new Checkpoint(own, table, budget, nowNs);
        departed.forEach(this::keepUntilSuperseded);
        if (table.flows() > 0) {
            checkpoint.begin(nowNs, this.peers, 0); // the files that were read at start can go
        }
    }

    /** What it says is in the table; after a crash it would be nowhere else before a checkpoint is on the disk. */
    private void keepUntilSuperseded(Journal closed) {
        departed.add(closed);
        checkpoint.whenSuperseded(() -> {
            closed.delete();
            departed.remove(closed);
        });
    }

    /** Follows other peers from the next pass on. Any thread. */
    void follow(List<PeerJournal> next) {
        peers = List.copyOf(next);
    }

    /**
     * One pass.
     *
     * @param nowNs the clock that workers' ticks come from
     * @param nowMs wall clock, for ages after a restart
     * @return how much there was to do; 0: nothing
     */
    public int doWork(long nowNs, long nowMs) {
        tick = FlowStateDescriptor.tick(nowNs);
        merger.now(tick);
        List<PeerJournal> current = followed(nowNs);
        measure(nowNs, current);
        int work = 0;
        for (FlowChangeRing ring : rings) {
            work += take(ring, nowNs, nowMs);
        }
        own.write(nowNs);
        for (PeerJournal peer : current) {
            work += apply(peer, nowNs);
        }
        work += writeCheckpoint(nowNs, nowMs, current);
        table.sweep(SWEEP_BUCKETS, tick);
        if (work == 0 && nowNs - touchedNs >= TOUCH_NS) {
            touchedNs = nowNs;
            table.touch();
        }
        return work;
    }

    /** A journal that cannot be read holds up nothing but itself. */
    private int apply(PeerJournal peer, long nowNs) {
        Long lastFailedNs = failedNs.get(peer);
        if (lastFailedNs != null && nowNs - lastFailedNs < RETRY_NS) {
            return 0;
        }
        try {
            int records = peer.apply(merger, own, RECORDS_A_PEER);
            if (lastFailedNs != null) {
                failedNs.remove(peer);
                peer.problem("");
                problem = failedNs.isEmpty() ? "" : problem;
            }
            return records;
        } catch (RuntimeException | InternalError e) { // InternalError: the disk has failed under a mapping
            failedNs.put(peer, nowNs);
            problem = "what a peer says is not applied: " + e;
            peer.problem(problem);
            return 0;
        }
    }

    /** {@return what keeps a peer's journal from being applied; empty: nothing does} Any thread. */
    String problem() {
        return problem;
    }

    /** {@return whom to follow in this pass}; journals of those that have left are closed by the thread that reads them */
    private List<PeerJournal> followed(long nowNs) {
        List<PeerJournal> current = peers;
        if (!current.equals(used)) {
            List<PeerJournal> next = new ArrayList<>(current);
            used.stream()
                    .filter(peer -> !current.contains(peer) && !hasGone(peer, nowNs))
                    .forEach(next::add);
            used = List.copyOf(next);
            failedNs.keySet().retainAll(current);
            problem = failedNs.isEmpty() ? "" : problem;
        }
        return current;
    }

    /** {@return whether all that had come of a peer that has left is applied, and its journal closed} */
    private boolean hasGone(PeerJournal peer, long nowNs) {
        peer.leave();
        if (apply(peer, nowNs) > 0 || !peer.tryClose()) {
            return false;
        }
        keepUntilSuperseded(peer.journal());
        return true;
    }

    private void measure(long nowNs, List<PeerJournal> current) {
        if (nowNs - measuredNs >= MEASURE_NS) {
            measuredNs = nowNs;
            own.rate().sample(nowNs, own.events());
            current.forEach(peer -> peer.rate().sample(nowNs, peer.appliedEvents()));
            try {
                if (budget.isHalfSpent()) {
                    own.journal().deleteSetAside();
                    current.forEach(peer -> peer.journal().deleteSetAside());
                }
                budget.used(bytesOnDisk(current));
            } catch (JournalException e) {
                // such as no descriptor left: what was measured before is the best there is
            }
        }
    }

    private long bytesOnDisk(List<PeerJournal> current) {
        long bytes = own.journal().bytesOnDisk();
        for (PeerJournal peer : current) {
            bytes += peer.journal().bytesOnDisk();
        }
        for (Journal journal : departed) {
            bytes += journal.bytesOnDisk();
        }
        return bytes;
    }

    private int take(FlowChangeRing ring, long nowNs, long nowMs) {
        int count = Math.min(ring.available(), CHANGES_A_RING);
        for (int from = 0; from < count; from += ReplicaTable.EXPECTED_MAX) {
            int to = Math.min(count, from + ReplicaTable.EXPECTED_MAX);
            fetch(ring, from, to);
            for (int i = from; i < to; i++) {
                journal(ring.available(i), nowMs);
                if (own.isFull()) {
                    own.write(nowNs);
                }
            }
        }
        ring.consume(count);
        return count;
    }

    private void fetch(FlowChangeRing ring, int from, int to) {
        for (int i = from; i < to; i++) {
            long slot = ring.available(i);
            table.expect(
                    FlowChangeDescriptor.isIpv6(slot),
                    FlowChangeDescriptor.clientHigh(slot),
                    FlowChangeDescriptor.clientLow(slot),
                    FlowChangeDescriptor.ports(slot),
                    FlowStateDescriptor.vip(FlowChangeDescriptor.state(slot)));
        }
        table.fetch();
    }

    private void journal(long slot, long nowMs) {
        boolean ipv6 = FlowChangeDescriptor.isIpv6(slot);
        long high = FlowChangeDescriptor.clientHigh(slot);
        long low = FlowChangeDescriptor.clientLow(slot);
        long state = FlowChangeDescriptor.state(slot);
        int ports = FlowChangeDescriptor.ports(slot);
        int kind = FlowChangeDescriptor.kind(slot);
        long claim = table.own(kind, ipv6, high, low, ports, state, own.lamport(), tick);
        if (claim == 0) {
            return;
        }
        BatchWriter batch = own.batch(nowMs);
        int vip = FlowStateDescriptor.vip(state);
        int backend = ReplicaBuckets.backend(state);
        boolean proven = ClaimDescriptor.isProven(claim);
        long lamport = ClaimDescriptor.lamport(claim);
        int node = ClaimDescriptor.node(claim);
        if (ipv6) {
            batch.addIpv6(high, low, ports, vip, backend, table.code(), proven, lamport, node, 0);
        } else {
            batch.addIpv4(low, vip, backend, table.code(), proven, lamport, node, 0);
        }
    }

    private int writeCheckpoint(long nowNs, long nowMs, List<PeerJournal> current) {
        if (checkpoint.isDue(nowNs, merger.events())) {
            checkpoint.begin(nowNs, current, merger.events());
        }
        int parts = 0;
        while (checkpoint.isRunning() && parts < CHECKPOINT_PARTS) {
            checkpoint.step(nowNs, nowMs, tick);
            parts++;
        }
        return parts;
    }

    /** {@return how much of the checkpoint under way is written, percent} */
    int checkpointPercent() {
        return checkpoint.percent();
    }
}
