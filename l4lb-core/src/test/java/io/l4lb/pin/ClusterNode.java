package io.l4lb.pin;

import io.l4lb.config.L4lbConfig;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.journal.Journal;
import io.l4lb.journal.MemoryJournal;
import io.l4lb.net.IpAddress;
import io.l4lb.peer.BatchSink;
import io.l4lb.peer.BatchSource;
import io.l4lb.pin.PinRig.Flow;
import io.l4lb.replication.ReplicationEngine;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A node of a cluster on one thread: a worker's pin stage, the replication engine, journals in memory, a clock moved by hand. */
final class ClusterNode implements AutoCloseable {
    private static final FlowTimeouts TIMEOUTS = new FlowTimeouts(900, 60);
    private static long incarnations;

    final String id;
    final ReplicationEngine engine;
    final PinRig rig;
    private final ForwardingNumbers numbers = new ForwardingNumbers();
    private final Journal journal;
    private final Map<String, Journal> peerJournals = new HashMap<>();
    private final Map<String, BatchSource> sources = new HashMap<>();
    private final long clockSkewMs;
    private double nowSeconds;

    ClusterNode(String id, L4lbConfig config, double nowSeconds, long clockSkewMs, String... peers) {
        this(id, config, nowSeconds, clockSkewMs, journal(), journals(peers));
    }

    private ClusterNode(
            String id,
            L4lbConfig config,
            double nowSeconds,
            long clockSkewMs,
            Journal journal,
            Map<String, Journal> peerJournals) {
        this.id = id;
        this.nowSeconds = nowSeconds;
        this.clockSkewMs = clockSkewMs;
        this.journal = journal;
        this.peerJournals.putAll(peerJournals);
        engine = new ReplicationEngine(
                new ReplicationEngine.Parts(
                        id,
                        4096,
                        TIMEOUTS,
                        numbers.replicaNumbers(),
                        1,
                        1024,
                        ++incarnations,
                        this::nowNs,
                        this::nowMs),
                journal,
                peerJournals,
                1L << 40,
                _ -> {});
        rig = new PinRig(config, numbers, Optional.of(new FlowTracker(engine.ring(0), engine.table(), TIMEOUTS)));
    }

    private static Map<String, Journal> journals(String... peers) {
        Map<String, Journal> journals = new HashMap<>();
        for (String peer : peers) {
            journals.put(peer, journal());
        }
        return journals;
    }

    private static Journal journal() {
        return new MemoryJournal(1000, 1L << 30);
    }

    private long nowNs() {
        return (long) (nowSeconds * 1e9);
    }

    private long nowMs() {
        return (long) (nowSeconds * 1e3) + clockSkewMs;
    }

    void at(double seconds) {
        nowSeconds = seconds;
    }

    IpAddress packet(Flow flow, int event) {
        return rig.backend(flow, event, FlowStateDescriptor.tick(nowNs()));
    }

    boolean drops(Flow flow, int event) {
        return rig.packet(flow, event, FlowStateDescriptor.tick(nowNs())) == PinRig.DROPPED;
    }

    /** What a process of the same node finds that was killed and is started again. */
    ClusterNode restarted(L4lbConfig config) {
        rig.close();
        return new ClusterNode(id, config, nowSeconds, clockSkewMs, journal, peerJournals);
    }

    /** Brings all that this node has to say to the peer, by a snapshot if it has to be. */
    void send(ClusterNode peer) {
        work();
        BatchSink sink = peer.engine.sink(id);
        BatchSource source = sources.computeIfAbsent(peer.id, _ -> {
            BatchSource opened = engine.source();
            if (!opened.resumeAfter(sink.last())) {
                opened.startSnapshot();
            }
            return opened;
        });
        while (source.next()) {
            if (source.isSnapshot()) {
                sink.snapshot(source.buffer(), source.offset(), source.length(), source.isSnapshotEnd());
            } else {
                sink.batch(source.buffer(), source.offset(), source.length(), source.position(), source.ageSeconds());
            }
        }
        sink.caughtUp();
        peer.work();
    }

    /** The journal thread, until it has nothing to do. */
    void work() {
        while (engine.doWork() > 0) {}
    }

    @Override
    public void close() {
        rig.close();
        engine.close();
    }
}
