package io.l4lb.bench.polling;

import io.l4lb.bench.journaling.JournalThread;
import io.l4lb.bench.journaling.TemporaryDirectory;
import io.l4lb.bench.shape.Shape;
import io.l4lb.flow.FlowHash;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.journal.ChronicleJournal;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.pin.FlowTracker;
import io.l4lb.replica.ClaimDescriptor;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.replication.ReplicationEngine;
import io.l4lb.track.FlowChangeRing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What a node has beside its workers when it replicates: replica table, journal on disk and journal thread; no peers.
 * The table is half full of flows of others, or look-ups that miss would find all of it in one page of zeroes.
 */
final class JournalSide implements AutoCloseable {
    /** As the defaults have it: 2^24 replicas for 2^23 flows of the workers. */
    private static final int REPLICAS_PER_FLOW = 2;

    private static final long DISK_BYTES = 16L << 30;
    private static final String NODE = "bench";

    private final FlowTimeouts timeouts;
    private final TemporaryDirectory directory;
    private final ReplicationEngine engine;
    private final JournalThread thread;

    JournalSide(Shape shape, ReplicaNumbers numbers, FlowTimeouts timeouts, OptionalInt cpu) {
        this.timeouts = timeouts;
        int flows = Math.toIntExact((long) REPLICAS_PER_FLOW * shape.configuredFlows() * shape.workers());
        try {
            directory = TemporaryDirectory.below(Path.of(System.getProperty("java.io.tmpdir")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ReplicationEngine.Parts parts = new ReplicationEngine.Parts(
                NODE,
                flows,
                timeouts,
                numbers,
                shape.workers(),
                FlowChangeRing.SLOTS,
                1,
                System::nanoTime,
                System::currentTimeMillis);
        engine = new ReplicationEngine(
                parts, ChronicleJournal.open(directory.path()), Map.of(), DISK_BYTES, count -> {});
        fill(shape, numbers, flows / 2);
        thread = new JournalThread(engine, cpu);
    }

    private void fill(Shape shape, ReplicaNumbers numbers, int count) {
        long claim = ClaimDescriptor.of(true, 1, numbers.node("other"));
        int tick = FlowStateDescriptor.tick(System.nanoTime());
        int vip = numbers.vip(IpAddress.ipv4(1), Protocol.TCP.number());
        int backend = numbers.backend(IpAddress.ipv4(1));
        for (int flow = 0; flow < count; flow++) {
            long high = shape.ipv6() ? FlowHash.mix(flow) : 0;
            engine.table()
                    .merge(
                            shape.ipv6(),
                            high,
                            FlowHash.mix(~flow),
                            0,
                            vip,
                            backend,
                            FlowStateDescriptor.ESTABLISHED,
                            claim,
                            tick,
                            0);
        }
    }

    FlowTracker tracker(int worker) {
        return new FlowTracker(engine.ring(worker), engine.table(), timeouts);
    }

    /** {@return what the journal thread has taken and done} */
    JournalUse used() {
        return new JournalUse(thread.cpuNs(), engine.events());
    }

    /** Nobody polls any more. */
    @Override
    public void close() {
        thread.close();
        engine.close();
        directory.close();
    }
}
