package io.l4lb.replication;

import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.journal.Journal;
import io.l4lb.journal.Recovery;
import io.l4lb.peer.BatchSink;
import io.l4lb.peer.BatchSource;
import io.l4lb.peer.Position;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.replica.ReplicaTable;
import io.l4lb.track.FlowChangeRing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * A node's part in replication without threads, sockets and files of its own: {@link #doWork} is for the journal thread, sources
 * and sinks are for peers' threads. What it runs on is handed to it, so that a simulation can step it.
 */
public final class ReplicationEngine implements AutoCloseable {
    /**
     * What an engine is made of.
     *
     * @param ringSlots of each worker's ring, {@link FlowChangeRing#SLOTS}; touched at once
     * @param clockNs the clock that workers' ticks come from
     * @param clockMs wall clock
     */
    public record Parts(
            String nodeId,
            int flows,
            FlowTimeouts timeouts,
            ReplicaNumbers numbers,
            int workers,
            int ringSlots,
            long incarnation,
            LongSupplier clockNs,
            LongSupplier clockMs) {}

    private final Parts parts;
    private final DiskBudget budget;
    private final ReplicaTable table;
    private final List<FlowChangeRing> rings = new ArrayList<>();
    private final OwnJournal own;
    private final Map<String, PeerJournal> peers = new TreeMap<>();
    private final JournalAgent agent;
    private final long recoveredFlows;

    /**
     * Reads the journals; as long as it takes.
     *
     * @param ownJournal closed with this engine
     * @param peerJournals by peer's id; closed with this engine
     * @param diskBytes that all of them may take
     * @param progress is told the number of events read, now and then
     */
    public ReplicationEngine(
            Parts parts, Journal ownJournal, Map<String, Journal> peerJournals, long diskBytes, LongConsumer progress) {
        this(parts, ownJournal, peerJournals, List.of(), diskBytes, progress);
    }

    /** @param departed journals of nodes that are no peers any more: read, closed, and removed after the first checkpoint */
    ReplicationEngine(
            Parts parts,
            Journal ownJournal,
            Map<String, Journal> peerJournals,
            List<Journal> departed,
            long diskBytes,
            LongConsumer progress) {
        this.parts = parts;
        this.budget = new DiskBudget(diskBytes);
        int node = parts.numbers().node(parts.nodeId());
        table = new ReplicaTable(parts.flows(), parts.timeouts().ofReplicas(), parts.numbers(), node);
        for (int worker = 0; worker < parts.workers(); worker++) {
            rings.add(new FlowChangeRing(parts.ringSlots()));
        }
        int tick = FlowStateDescriptor.tick(parts.clockNs().getAsLong());
        MergeSink sink = new MergeSink(table, tick);
        Recovery recovery = new Recovery(parts.numbers(), parts.clockMs(), progress);
        Recovery.Recovered readOwn = recovery.own(ownJournal, sink);
        long lamport = readOwn.lamport();
        for (Map.Entry<String, Journal> peer : peerJournals.entrySet()) {
            Recovery.Recovered read = recovery.peer(peer.getValue(), sink);
            lamport = Math.max(lamport, read.lamport());
            peers.put(peer.getKey(), peerJournal(peer.getValue(), read));
        }
        for (Journal journal : departed) {
            lamport = Math.max(lamport, recovery.peer(journal, sink).lamport());
            journal.close();
        }
        recoveredFlows = table.flows();
        own = new OwnJournal(ownJournal, parts.numbers(), budget, parts.incarnation(), readOwn.lastIndex(), lamport);
        agent = new JournalAgent(
                rings,
                table,
                own,
                List.copyOf(peers.values()),
                departed,
                budget,
                parts.clockNs().getAsLong());
    }

    /**
     * A node that was away asks each peer for a snapshot, wherever it could resume: what a third node said meanwhile, and is dead now,
     * is in no other journal.
     */
    private PeerJournal peerJournal(Journal journal, Recovery.Recovered read) {
        return new PeerJournal(journal, parts.numbers(), budget, parts.clockMs(), Position.NONE, read.lastIndex());
    }

    /** One pass of the journal thread; {@return how much there was to do} */
    public int doWork() {
        return agent.doWork(parts.clockNs().getAsLong(), parts.clockMs().getAsLong());
    }

    /** Follows that peer from now on. Control thread. */
    public BatchSink join(String peerId, Journal journal) {
        // it reads files, and the journal thread must not wait for that
        PeerJournal peer = new PeerJournal(journal, parts.numbers(), budget, parts.clockMs(), Position.NONE, -1);
        synchronized (this) {
            peers.put(peerId, peer);
            agent.follow(List.copyOf(peers.values()));
        }
        return peer;
    }

    /** Follows that peer no more; if its thread has not ended yet, its appends fail from the next pass on. Control thread. */
    public synchronized void leave(String peerId) {
        if (peers.remove(peerId) != null) {
            agent.follow(List.copyOf(peers.values()));
        }
    }

    /** {@return where to put what comes from that peer; null: it is none} Any thread. */
    public synchronized BatchSink sink(String peerId) {
        return peers.get(peerId);
    }

    /** {@return what to send to a peer} A new one for each connection. Any thread. */
    public BatchSource source() {
        return new JournalSource(own, table, parts.numbers(), parts.clockNs(), parts.clockMs());
    }

    /** {@return where a worker tells of its flows} */
    public FlowChangeRing ring(int worker) {
        return rings.get(worker);
    }

    /** {@return what the cluster knows} */
    public ReplicaTable table() {
        return table;
    }

    /** {@return what that table's numbers stand for} */
    public ReplicaNumbers numbers() {
        return parts.numbers();
    }

    /** {@return flows that were read from journals at start} */
    public long recoveredFlows() {
        return recoveredFlows;
    }

    /** {@return whether all that the peer had when it was last connected to has been applied} Any thread. */
    public synchronized boolean isCaughtUp(String peerId) {
        PeerJournal peer = peers.get(peerId);
        return peer != null && peer.isCaughtUp();
    }

    /** {@return events journaled since the start} Any thread. */
    public long events() {
        return own.events();
    }

    /** {@return events that could not be journaled} Any thread. */
    public long lostEvents() {
        return own.lostEvents();
    }

    /** {@return why nothing is journaled at present} Any thread. */
    public Optional<String> problem() {
        return own.problem();
    }

    /** {@return bytes on disk, measured once a second} Any thread. */
    long diskBytes() {
        return budget.used();
    }

    /** {@return how much of the checkpoint under way is written, percent} Any thread. */
    int checkpointPercent() {
        return agent.checkpointPercent();
    }

    /** {@return what keeps a peer's journal from being applied; empty: nothing does} Any thread. */
    String peerProblem() {
        return agent.problem();
    }

    /** {@return what the own journal does} Any thread. */
    OwnJournal own() {
        return own;
    }

    synchronized Map<String, PeerJournal> peers() {
        return Map.copyOf(peers);
    }

    /** {@return what the journals that are open say to have set aside, or not to have done} Any thread. */
    synchronized List<String> journalProblems() {
        List<String> problems = new ArrayList<>(own.journal().problems());
        peers.values().forEach(peer -> problems.addAll(peer.journal().problems()));
        return problems;
    }

    /**
     * The journal thread must have ended, and no worker may run. The peers' threads too, or else be in an append for as long as the disk
     * takes: such a journal is left to the process's end.
     */
    @Override
    public synchronized void close() {
        peers.values().forEach(PeerJournal::tryClose);
        own.journal().close();
        rings.forEach(FlowChangeRing::close);
        table.close();
    }
}
