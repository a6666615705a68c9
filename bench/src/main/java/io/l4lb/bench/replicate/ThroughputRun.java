package io.l4lb.bench.replicate;

import io.l4lb.bench.journaling.JournalThread;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.journal.ChronicleJournal;
import io.l4lb.replica.ReplicaNumbers;
import io.l4lb.replication.ReplicationEngine;
import io.l4lb.track.FlowChangeRing;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;

/** A thread pins flows, the journal thread takes them from the ring into replica table and journal on a core of its own. */
final class ThroughputRun {
    private static final long DISK_BYTES = 64L << 30;
    private static final int WARM_UP_STEP = 4096;
    private static final long WARM_UP_NS = 120_000_000_000L;
    private static final long PAUSE_NS = 20_000;
    private static final FlowTimeouts TIMEOUTS = new FlowTimeouts(900, 60);

    private final ReplicationEngine engine;
    private final FlowSource source;
    private final JournalThread thread;

    private ThroughputRun(ReplicationEngine engine, FlowSource source, JournalThread thread) {
        this.engine = engine;
        this.source = source;
        this.thread = thread;
    }

    /**
     * Measures behind a warm-up.
     *
     * @param perSecond 0: as fast as it goes
     * @param warmUpFlows offered and journaled before
     * @param table flows that the replica table has room for; three quarters of them are offered, in turns
     */
    static Map<String, Object> run(
            Path place, double perSecond, double seconds, int warmUpFlows, int table, OptionalInt cpu) {
        ReplicaNumbers numbers = new ReplicaNumbers();
        ReplicationEngine.Parts parts = new ReplicationEngine.Parts(
                "bench",
                table,
                TIMEOUTS,
                numbers,
                1,
                FlowChangeRing.SLOTS,
                1,
                System::nanoTime,
                System::currentTimeMillis);
        try (ReplicationEngine engine =
                        new ReplicationEngine(parts, ChronicleJournal.open(place), Map.of(), DISK_BYTES, count -> {});
                JournalThread thread = new JournalThread(engine, cpu)) {
            FlowSource source = new FlowSource(engine.ring(0), numbers, 0, table / 4 * 3L);
            ThroughputRun run = new ThroughputRun(engine, source, thread);
            run.warmUp(warmUpFlows);
            return run.measure(perSecond, seconds);
        }
    }

    private Map<String, Object> measure(double perSecond, double seconds) {
        long offered = source.offered();
        long refused = source.refused();
        long journaled = engine.events();
        long cpuNs = thread.cpuNs();
        thread.takeLongestPass();
        long waitedNs = thread.waitedForCpuNs();
        long startNs = System.nanoTime();
        for (long nowNs = startNs; nowNs - startNs < seconds * 1e9; nowNs = System.nanoTime()) {
            if (perSecond == 0) {
                source.offer(FlowSource.BURST);
            } else if (!source.offerDue(nowNs - startNs, offered, perSecond)) {
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
        double took = (System.nanoTime() - startNs) / 1e9;
        journaled = engine.events() - journaled;
        cpuNs = thread.cpuNs() - cpuNs;
        waitedNs = thread.waitedForCpuNs() - waitedNs;
        JournalThread.Pass longest = thread.takeLongestPass();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("seconds", took);
        result.put("offeredPerSecond", (source.offered() - offered) / took);
        result.put("journaledPerSecond", journaled / took);
        result.put("refused", source.refused() - refused);
        result.put("journalCpuNsPerEvent", (double) cpuNs / Math.max(1, journaled));
        result.put("journalCpuPercent", cpuNs / 1e7 / took);
        result.put("waitedForCpuMs", waitedNs / 1e6);
        result.put("longestPassMs", longest.wallNs() / 1e6);
        result.put("longestPassCpuMs", longest.cpuNs() / 1e6);
        result.put("flows", engine.table().flows());
        result.put("evictions", engine.table().evictions());
        result.put("lost", engine.lostEvents());
        result.put("problem", engine.problem().orElse("none"));
        return result;
    }

    /** As many at a time as the ring has room for. */
    private void warmUp(int flows) {
        long startNs = System.nanoTime();
        while (source.offered() < flows) {
            source.offer(Math.min(WARM_UP_STEP, flows - (int) source.offered()));
            while (engine.events() + engine.lostEvents() < source.offered()) {
                if (System.nanoTime() - startNs > WARM_UP_NS) {
                    throw new IllegalStateException("the journal thread has taken "
                            + (engine.events() + engine.lostEvents()) + " of " + source.offered() + " flows");
                }
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }
}
