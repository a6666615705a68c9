package io.l4lb.bench.replicate;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/** How long it takes until what was offered has been applied. One thread, the one that offers. */
final class AppliedLag {
    private static final double P50 = 50;
    private static final double P99 = 99;
    private static final double P999 = 99.9;

    private final FlowSource source;
    private final LongSupplier applied;
    private final Histogram lagNs = new Histogram(3);
    private final Queue<Offered> waiting = new ArrayDeque<>();

    /** Events that the ring has taken, in all, and when it took the last. */
    private record Offered(long events, long ns) {}

    /** @param applied events so far, in the order in which they were offered, one each */
    AppliedLag(FlowSource source, LongSupplier applied) {
        this.source = source;
        this.applied = applied;
    }

    /** The source has offered a burst. */
    void offered(long nowNs) {
        waiting.add(new Offered(source.offered() - source.refused(), nowNs));
    }

    /** {@return whether all that was offered has been applied} */
    boolean look() {
        long events = applied.getAsLong();
        long nowNs = System.nanoTime();
        while (!waiting.isEmpty() && waiting.peek().events <= events) {
            lagNs.recordValue(nowNs - waiting.remove().ns);
        }
        return waiting.isEmpty();
    }

    /** Forgets what it has seen. */
    void reset() {
        lagNs.reset();
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("bursts", lagNs.getTotalCount());
        map.put("p50Ms", lagNs.getValueAtPercentile(P50) / 1e6);
        map.put("p99Ms", lagNs.getValueAtPercentile(P99) / 1e6);
        map.put("p999Ms", lagNs.getValueAtPercentile(P999) / 1e6);
        map.put("maxMs", lagNs.getMaxValue() / 1e6);
        return map;
    }
}
