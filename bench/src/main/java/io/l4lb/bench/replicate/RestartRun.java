package io.l4lb.bench.replicate;

import io.l4lb.flow.FlowTimeouts;
import io.l4lb.journal.ChronicleJournal;
import io.l4lb.journal.Journal;
import io.l4lb.peer.BatchSink;
import io.l4lb.peer.BatchSource;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.replication.ReplicationEngine;
import io.l4lb.track.FlowChangeRing;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A node's start from journals with as many live flows as asked for, half of them pinned by the node, half by a peer: from
 * the events, and once more from the checkpoint that a node writes after a start.
 */
final class RestartRun {
    private static final long DISK_BYTES = 64L << 30;
    private static final FlowTimeouts TIMEOUTS = new FlowTimeouts(900, 60);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final String PEER = "peer";
    private static final int STEP = 4096;

    private final Path place;
    private final int flows;
    private long incarnation;

    RestartRun(Path place, int flows) {
        this.place = place;
        this.flows = flows;
    }

    Map<String, Object> run() {
        write();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("flows", flows);
        result.put("fromEvents", start());
        result.put("fromCheckpoint", start());
        return result;
    }

    private ReplicationEngine engine(String id, ReplicaNumbers numbers, Map<String, Journal> peers) {
        ReplicationEngine.Parts parts = new ReplicationEngine.Parts(
                id,
                Math.max(flows + flows / 2, 1024),
                TIMEOUTS,
                numbers,
                1,
                FlowChangeRing.SLOTS,
                ++incarnation,
                System::nanoTime,
                System::currentTimeMillis);
        return new ReplicationEngine(parts, ChronicleJournal.open(place.resolve(id)), peers, DISK_BYTES, count -> {});
    }

    private Map<String, Journal> peerJournal() {
        return Map.of(PEER, ChronicleJournal.open(place.resolve("node-peer")));
    }

    private void write() {
        ReplicaNumbers numbers = new ReplicaNumbers();
        ReplicaNumbers peerNumbers = new ReplicaNumbers();
        try (ReplicationEngine node = engine("node", numbers, peerJournal());
                ReplicationEngine peer = engine(PEER, peerNumbers, Map.of());
                BatchSource batches = peer.source()) {
            FlowSource own = new FlowSource(node.ring(0), numbers, 0, flows);
            FlowSource others = new FlowSource(peer.ring(0), peerNumbers, flows, flows);
            BatchSink sink = node.sink(PEER);
            batches.startSnapshot();
            while (own.offered() < flows / 2) {
                int count = (int) Math.min(STEP, flows / 2 - own.offered());
                own.offer(count);
                others.offer(count);
                peer.doWork();
                pass(batches, sink);
                node.doWork();
            }
            settle(node);
        }
    }

    private static void pass(BatchSource from, BatchSink to) {
        while (from.next()) {
            if (from.isSnapshot()) {
                to.snapshot(from.buffer(), from.offset(), from.length(), from.isSnapshotEnd());
            } else {
                to.batch(from.buffer(), from.offset(), from.length(), from.position(), from.ageSeconds());
            }
        }
    }

    private static void settle(ReplicationEngine engine) {
        while (engine.doWork() > 0) {}
    }

    private Map<String, Object> start() {
        long startNs = System.nanoTime();
        long startCpuNs = THREADS.getCurrentThreadCpuTime();
        try (ReplicationEngine node = engine("node", new ReplicaNumbers(), peerJournal())) {
            double seconds = (System.nanoTime() - startNs) / 1e9;
            double cpuSeconds = (THREADS.getCurrentThreadCpuTime() - startCpuNs) / 1e9;
            settle(node); // writes the checkpoint
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("seconds", seconds);
            result.put("cpuSeconds", cpuSeconds);
            result.put("recovered", node.recoveredFlows());
            return result;
        }
    }
}
