package io.l4lb.peer.group;

import io.l4lb.config.replication.ReplicationConfig;
import io.l4lb.config.replication.ReplicationConfig.PeerConfig;
import io.l4lb.peer.BatchSink;
import io.l4lb.peer.BatchSource;
import io.l4lb.peer.Ending;
import io.l4lb.peer.PeerCounters;
import io.l4lb.peer.SessionTerms;
import io.l4lb.peer.tls.TlsFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The node among its peers. Its methods are called by one thread at a time; {@link #peers} by any. */
public final class PeerGroup implements AutoCloseable, Feeder.Callers {
    private static final Logger LOG = LoggerFactory.getLogger(PeerGroup.class);
    private static final long STOP_NS = TimeUnit.MILLISECONDS.toNanos(900);
    /** Strangers may call as often as they like, and are worth a line now and then. */
    private static final long STRANGER_LOG_NS = TimeUnit.MINUTES.toNanos(1);

    private final String nodeId;
    private final Journals journals;
    private final Map<String, Peer> peers = new ConcurrentHashMap<>();
    private final PeerCounters strangers = new PeerCounters();
    private final Map<Ending, Long> loggedNs = new EnumMap<>(Ending.class);
    private final Problem files = new Problem("replication.tls");
    private volatile Site site;
    private ReplicationConfig config;
    private volatile Acceptor acceptor;

    /**
     * Listens, and follows all peers.
     *
     * @throws IOException if the node cannot listen where it is to
     * @throws io.l4lb.peer.tls.TlsFilesException if the files of TLS cannot be used
     */
    public PeerGroup(String nodeId, ReplicationConfig config, Journals journals) throws IOException {
        this(nodeId, config, journals, SessionTerms.of(config.cluster(), nodeId, config.flows()));
    }

    PeerGroup(String nodeId, ReplicationConfig config, Journals journals, SessionTerms terms) throws IOException {
        this.nodeId = nodeId;
        this.journals = journals;
        this.config = config;
        site = new Site(terms, config.tls().map(tls -> new TlsFiles(tls, nodeId)));
        listen(config);
        config.peers().forEach(peer -> join(peer, journals.sink(peer.id())));
    }

    /**
     * Goes by {@code next}; peers that it leaves as they are notice nothing, unless cluster, tls or flows change. What can fail comes
     * first: when it throws, nothing has changed.
     *
     * @throws IOException if the node cannot listen where it is to
     * @throws io.l4lb.peer.tls.TlsFilesException if the files of TLS cannot be used
     */
    public void apply(ReplicationConfig next) throws IOException {
        Map<String, BatchSink> sinks = new HashMap<>();
        next.peers().forEach(peer -> sinks.put(peer.id(), journals.sink(peer.id())));
        boolean isOther = !next.cluster().equals(config.cluster())
                || !next.tls().equals(config.tls())
                || next.flows() != config.flows();
        if (isOther) {
            Optional<TlsFiles> tls = next.tls().map(files -> new TlsFiles(files, nodeId));
            listenAt(next);
            leave(List.copyOf(peers.values()), Ending.CLOSED);
            site = new Site(SessionTerms.of(next.cluster(), nodeId, next.flows()), tls);
        }
        listenAt(next);
        leave(
                peers.values().stream()
                        .filter(peer -> !next.peers().contains(peer.config()))
                        .toList(),
                Ending.UNKNOWN_PEER);
        next.peers().stream()
                .filter(peer -> !peers.containsKey(peer.id()))
                .forEach(peer -> join(peer, sinks.get(peer.id())));
        config = next;
    }

    private void listenAt(ReplicationConfig next) throws IOException {
        if (!next.listen().equals(acceptor.listen())) {
            Acceptor before = acceptor;
            listen(next);
            before.stop(STOP_NS);
        }
    }

    private void listen(ReplicationConfig next) throws IOException {
        acceptor = new Acceptor(next.listen(), this::look, this, this::isPeers, this::refused);
        acceptor.start();
    }

    /** {@return what connections have in common, after a look at the files of TLS} The acceptor asks now and then. */
    private Site look() {
        Site now = site;
        now.tls().ifPresent(tls -> {
            if (tls.refresh()) {
                LOG.info("replication.tls: new files are in use");
            }
            tls.problem().ifPresentOrElse(files::is, () -> files.isGone("the files are in use"));
        });
        return now;
    }

    private void join(PeerConfig added, BatchSink sink) {
        Peer peer = new Peer(added, site, sink);
        peers.put(added.id(), peer);
        peer.start();
    }

    private void leave(List<Peer> leaving, Ending reason) {
        leaving.forEach(peer -> peers.remove(peer.config().id()));
        leaving.forEach(peer -> peer.stop(reason));
        long deadlineNs = System.nanoTime() + STOP_NS;
        for (Peer peer : leaving) {
            try {
                if (!peer.await(Math.max(1, deadlineNs - System.nanoTime()))) {
                    LOG.warn(
                            "peer {}: its threads have not ended yet",
                            peer.config().id());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** {@return how the peers are, by id} */
    public List<PeerStatus> peers() {
        long nowNs = System.nanoTime();
        List<PeerStatus> all = new ArrayList<>();
        peers.values().forEach(peer -> all.add(peer.status(nowNs)));
        all.sort(Comparator.comparing(PeerStatus::id));
        return all;
    }

    /** {@return what became of connections that no peer has shown to be his} */
    public PeerCounters strangers() {
        return strangers;
    }

    /** {@return what is wrong with the TLS files as they are now, while those before are in use} */
    public Optional<String> tlsProblem() {
        return site.tls().flatMap(TlsFiles::problem);
    }

    /** Ends all connections; within a second, unless a journal holds a thread. */
    @Override
    public void close() {
        acceptor.stop(STOP_NS);
        leave(List.copyOf(peers.values()), Ending.CLOSED);
    }

    private boolean isPeers(InetAddress address) {
        return peers.values().stream()
                .anyMatch(peer ->
                        peer.config().address().socketAddress().getAddress().equals(address));
    }

    private synchronized void refused(Ending ending) {
        refused(ending, "");
    }

    private synchronized void refused(Ending ending, String words) {
        strangers.ended(ending);
        long nowNs = System.nanoTime();
        Long before = loggedNs.get(ending);
        if (before == null || nowNs - before > STRANGER_LOG_NS) {
            loggedNs.put(ending, nowNs);
            LOG.warn("a connection to {} was refused: {} {}", config.listen(), ending.words(), words);
        }
    }

    @Override
    public Optional<Peer> peer(String id) {
        return Optional.ofNullable(peers.get(id));
    }

    @Override
    public BatchSource source(String id) {
        return journals.source(id);
    }

    @Override
    public void known(Feeder feeder) {
        acceptor.known(feeder);
    }

    @Override
    public void over(Feeder feeder, Optional<Peer> peer, Ending ending, String words) {
        acceptor.known(feeder);
        peer.ifPresentOrElse(known -> known.fed(feeder, ending, words), () -> refused(ending, words));
    }
}
