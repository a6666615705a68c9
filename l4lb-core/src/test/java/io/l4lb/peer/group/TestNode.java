package io.l4lb.peer.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.replication.ReplicationConfig;
import io.l4lb.config.replication.ReplicationConfig.PeerConfig;
import io.l4lb.config.replication.ReplicationConfig.TlsConfig;
import io.l4lb.net.IpAddress;
import io.l4lb.net.L4Address;
import io.l4lb.peer.BatchSink;
import io.l4lb.peer.BatchSource;
import io.l4lb.peer.MemoryJournal;
import io.l4lb.peer.MemoryReplica;
import io.l4lb.peer.SessionTerms;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A node of which only the replication is real. */
final class TestNode implements Journals, AutoCloseable {
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    final MemoryJournal journal = new MemoryJournal();
    private final Map<String, MemoryReplica> replicas = new ConcurrentHashMap<>();
    private final String id;
    private final L4Address listen = freeAddress();
    private Optional<TlsConfig> tls = Optional.empty();
    private String cluster = "edge";
    private PeerGroup group;

    TestNode(String id) {
        this.id = id;
    }

    TestNode with(TlsConfig files) {
        tls = Optional.of(files);
        return this;
    }

    TestNode of(String other) {
        cluster = other;
        return this;
    }

    static L4Address freeAddress() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new L4Address(IpAddress.parse("127.0.0.1").orElseThrow(), socket.getLocalPort());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    L4Address listen() {
        return listen;
    }

    PeerConfig as(String name) {
        return new PeerConfig(name, listen);
    }

    ReplicationConfig config(PeerConfig... peers) {
        return new ReplicationConfig(cluster, listen, List.of(peers), tls, 10_000, 1L << 30, 10);
    }

    void start(PeerConfig... peers) throws IOException {
        group = new PeerGroup(id, config(peers), this);
    }

    /** Starts with less patience for strangers. */
    void startHasty(PeerConfig... peers) throws IOException {
        SessionTerms terms = new SessionTerms(cluster, id, 1 << 20, 1 << 20, SECOND_NS / 5, 2 * SECOND_NS, SECOND_NS);
        group = new PeerGroup(id, config(peers), this, terms);
    }

    PeerGroup group() {
        return group;
    }

    PeerStatus peer(String peer) {
        return group.peers().stream()
                .filter(status -> status.id().equals(peer))
                .findFirst()
                .orElseThrow();
    }

    MemoryReplica replicaOf(String peer) {
        return replicas.computeIfAbsent(peer, name -> new MemoryReplica(true));
    }

    boolean has(TestNode other) {
        return replicaOf(other.id).table().equals(other.journal.table());
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadlineNs).as(what).isNegative();
            Thread.sleep(5);
        }
    }

    @Override
    public BatchSource source(String peerId) {
        return journal.source();
    }

    @Override
    public BatchSink sink(String peerId) {
        return replicaOf(peerId);
    }

    @Override
    public void close() {
        if (group != null) {
            group.close();
        }
    }
}
