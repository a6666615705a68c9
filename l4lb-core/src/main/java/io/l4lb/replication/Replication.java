package io.l4lb.replication;

import io.l4lb.config.replication.ReplicationConfig;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.journal.ChronicleJournal;
import io.l4lb.journal.Journal;
import io.l4lb.journal.JournalException;
import io.l4lb.peer.BatchSink;
import io.l4lb.peer.BatchSource;
import io.l4lb.peer.PeerCounters;
import io.l4lb.peer.group.Journals;
import io.l4lb.peer.group.PeerGroup;
import io.l4lb.peer.group.PeerStatus;
import io.l4lb.peer.link.PollPause;
import io.l4lb.pin.FlowTracker;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.track.FlowChangeRing;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running node's replication: journals on disk, the journal thread, peers. Control thread, except where it says otherwise.
 */
public final class Replication implements Journals, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Replication.class);
    private static final long STOP_MS = 2_000;
    private static final long ERROR_PAUSE_MS = 1_000;
    private static final long PROBLEMS_NS = 1_000_000_000L;
    private static final int LAST_PASSES = 256;
    private static final int PROGRESS_EVENTS = 1_000_000;

    private final String nodeId;
    private final JournalPlaces places;
    private final FlowTimeouts timeouts;
    private final ReplicationEngine engine;
    private final Thread thread = new Thread(this::run, "journal");
    private final long openedNs = System.nanoTime();
    private final double recoverySeconds;
    private volatile ReplicationConfig config;
    private volatile PeerGroup peers;
    private volatile boolean running = true;
    private volatile String error = "";
    private String lastProblem = "";
    private String lastPeerProblem = "";
    private final Set<String> journalProblems = ConcurrentHashMap.newKeySet();
    private long problemsNs = System.nanoTime() - PROBLEMS_NS;
    /** When nothing was wrong with the own journal last; since the start. */
    private long journaledNs = openedNs;

    private boolean ready;
    private long lastProgress;

    /**
     * Reads the journals; as long as it takes, with progress in the log.
     *
     * @param stateDirectory the node's; journals are below it
     * @param timeouts the workers'
     * @throws JournalException if the journals cannot be opened
     */
    public Replication(
            String nodeId,
            ReplicationConfig config,
            Path stateDirectory,
            FlowTimeouts timeouts,
            ReplicaNumbers numbers,
            int workers) {
        this.nodeId = nodeId;
        this.config = config;
        this.timeouts = timeouts;
        places = new JournalPlaces(stateDirectory.resolve("journal"));
        List<Journal> opened = new ArrayList<>();
        try {
            Journal own = open(places.own(), opened);
            Map<String, Journal> ofPeers = new LinkedHashMap<>();
            for (ReplicationConfig.PeerConfig peer : config.peers()) {
                ofPeers.put(peer.id(), open(places.ofPeer(peer.id()), opened));
            }
            List<Journal> departed = openDeparted(ofPeers.keySet(), opened);
            ReplicationEngine.Parts parts = new ReplicationEngine.Parts(
                    nodeId,
                    config.flows(),
                    timeouts,
                    numbers,
                    workers,
                    FlowChangeRing.SLOTS,
                    new SecureRandom().nextLong() & Long.MAX_VALUE,
                    System::nanoTime,
                    System::currentTimeMillis);
            engine = new ReplicationEngine(parts, own, ofPeers, departed, config.diskBytes(), this::progress);
        } catch (RuntimeException | Error e) {
            opened.forEach(Journal::close);
            throw e;
        }
        recoverySeconds = (System.nanoTime() - openedNs) / 1e9;
        tellJournalProblems();
        LOG.info(
                "{} flows recovered from journals in {} s",
                engine.recoveredFlows(),
                String.format("%.1f", recoverySeconds));
    }

    private static Journal open(Path place, List<Journal> opened) {
        Journal journal = ChronicleJournal.open(place);
        opened.add(journal);
        return journal;
    }

    /** One that cannot be opened keeps no node from starting. */
    private List<Journal> openDeparted(Set<String> peerIds, List<Journal> opened) {
        List<Journal> departed = new ArrayList<>();
        for (Path place : places.departed(peerIds)) {
            try {
                departed.add(open(place, opened));
            } catch (JournalException e) {
                LOG.warn("what a node said that is no peer any more is left out: {}", e.getMessage());
            }
        }
        return departed;
    }

    private void progress(long events) {
        if (events / PROGRESS_EVENTS != lastProgress / PROGRESS_EVENTS) {
            LOG.info("recovering: {} million events read", events / PROGRESS_EVENTS);
        }
        lastProgress = events;
    }

    /** {@return where a worker's tracker tells of its flows} For benchmarks. */
    public FlowChangeRing ring(int worker) {
        return engine.ring(worker);
    }

    /** {@return what a worker's pin stage is given} */
    public FlowTracker tracker(int worker) {
        return new FlowTracker(engine.ring(worker), engine.table(), timeouts);
    }

    /**
     * Journals, and follows the peers, from now on.
     *
     * @throws IOException if the node cannot listen where it is to
     */
    public void start() throws IOException {
        thread.setDaemon(true);
        thread.start();
        peers = new PeerGroup(nodeId, config, this);
    }

    private void run() {
        PollPause pollPause = new PollPause();
        while (running) {
            try {
                pollPause.after(engine.doWork());
                tellProblem(engine.own().problem().orElse(""));
                tellPeerProblem(engine.peerProblem());
                tellJournalProblems();
                tellWorksAgain();
            } catch (RuntimeException | Error e) { // InternalError: the disk has failed under a mapping
                error = e.toString();
                LOG.error("the journal thread failed, forwarding goes on; tried again in a second", e);
                pause();
            }
        }
    }

    private void tellWorksAgain() {
        if (!error.isEmpty()) {
            error = "";
            LOG.info("the journal thread works again");
        }
    }

    /** Once a second. */
    private void tellJournalProblems() {
        long nowNs = System.nanoTime();
        if (nowNs - problemsNs >= PROBLEMS_NS) {
            problemsNs = nowNs;
            engine.journalProblems().stream().filter(journalProblems::add).forEach(LOG::error);
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(ERROR_PAUSE_MS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void tellPeerProblem(String now) {
        if (!now.equals(lastPeerProblem)) {
            if (now.isEmpty()) {
                LOG.info("what peers say is applied again");
            } else {
                LOG.error("{}; tried again each second", now);
            }
            lastPeerProblem = now;
        }
    }

    private void tellProblem(String now) {
        if (!now.equals(lastProblem)) {
            if (now.isEmpty()) {
                LOG.info("flow state is journaled again; peers take a snapshot");
            } else {
                LOG.error("FLOW STATE IS NOT JOURNALED, connections may break when nodes fail: {}", now);
            }
            lastProblem = now;
        }
    }

    /**
     * Goes by another section of the configuration: peers come and go. When it throws, the one before is in force.
     *
     * @throws IOException if the node cannot listen where it is to
     * @throws io.l4lb.peer.tls.TlsFilesException if the files of TLS cannot be used
     * @throws JournalException if the journal of a peer that comes cannot be opened
     */
    public void apply(ReplicationConfig next) throws IOException {
        try {
            peers.apply(next);
            config = next;
        } finally {
            followOnly(config);
        }
    }

    private void followOnly(ReplicationConfig section) {
        engine.peers().keySet().stream()
                .filter(id ->
                        section.peers().stream().noneMatch(peer -> peer.id().equals(id)))
                .forEach(engine::leave);
    }

    /** Keeps flows of peers by other idle times, the workers' by {@link ReplicaNumbers}. */
    public void keepBy(FlowTimeouts next) {
        engine.table().use(next.ofReplicas());
    }

    /** {@return what of the section only a restart can change} */
    public static String fixed(ReplicationConfig config) {
        return "flows " + config.flows() + ", diskBytes " + config.diskBytes();
    }

    /**
     * {@return whether the node may announce: of each peer it has all that the peer had, or the peer has been out of reach for
     * too long to wait for, or the disk has had no room for what peers say for as long} Once it was so it stays so.
     */
    public boolean isReady() {
        if (engine.problem().isEmpty()) {
            journaledNs = System.nanoTime();
        }
        if (!ready && peers != null) {
            ready = peers.peers().stream().allMatch(this::isNothingToWaitFor);
            if (ready) {
                LOG.info(
                        "caught up with the peers that can be reached; {} flows known",
                        engine.table().flows());
            }
        }
        return ready;
    }

    private boolean isNothingToWaitFor(PeerStatus peer) {
        long waitMs = TimeUnit.SECONDS.toMillis(config.catchUpSeconds());
        return engine.isCaughtUp(peer.id()) || peer.unreachedMs() >= waitMs || notJournaledMs() >= waitMs;
    }

    /** {@return for how long no peer could be followed, since what it says is journaled first} */
    private long notJournaledMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - journaledNs);
    }

    @Override
    public BatchSource source(String peerId) {
        return engine.source();
    }

    @Override
    public BatchSink sink(String peerId) {
        BatchSink known = engine.sink(peerId);
        if (known != null) {
            return known;
        }
        return engine.join(peerId, ChronicleJournal.open(places.ofNewPeer(peerId)));
    }

    /** {@return how it goes} Any thread. */
    public ReplicationStatus status() {
        PeerGroup group = peers;
        return new ReplicationStatus(
                ready,
                engine.table().flows(),
                config.flows(),
                engine.table().evictions(),
                engine.table().refusals(),
                engine.own().events(),
                engine.own().rate().perSecond(),
                engine.own().lostEvents(),
                engine.own().sequence(),
                engine.diskBytes(),
                config.diskBytes(),
                engine.checkpointPercent(),
                engine.recoveredFlows(),
                recoverySeconds,
                journalProblems.size(),
                engine.own().problem().or(() -> error.isEmpty() ? Optional.empty() : Optional.of(error)),
                group == null ? Optional.empty() : group.tlsProblem(),
                group == null ? new PeerCounters() : group.strangers(),
                group == null
                        ? List.of()
                        : group.peers().stream().map(this::peer).toList());
    }

    private ReplicationStatus.Peer peer(PeerStatus status) {
        PeerJournal journal = engine.peers().get(status.id());
        if (journal == null) {
            return new ReplicationStatus.Peer(status, false, "", 0, 0, 0);
        }
        return new ReplicationStatus.Peer(
                status,
                status.isFollowed() && journal.isCaughtUp() && !journal.isBehind(System.nanoTime()),
                journal.problem(),
                journal.appliedEvents(),
                journal.rate().perSecond(),
                journal.badBatches());
    }

    /** Ends the threads and closes the journals; no worker may run any more. */
    @Override
    public void close() {
        PeerGroup group = peers;
        if (group != null) {
            group.close();
        }
        running = false;
        try {
            thread.join(STOP_MS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.error("the journal thread does not end; its memory is left to the process's end");
        } else {
            for (int i = 0; i < LAST_PASSES && engine.doWork() > 0; i++) {} // what workers said last
            engine.close();
        }
    }
}
