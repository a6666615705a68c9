package io.l4lb.peer;

import org.HdrHistogram.Histogram;

/**
 * Times from a batch's journaling to the peer's word that it has applied it, of the last minute, in slices of ten seconds; by
 * the sender's clock. Written by a sender thread a batch, read by any: locked, at some thousand times a second.
 */
public final class LagMeter {
    private static final int SLICES = 6;
    private static final long SLICE_NS = 10_000_000_000L;
    private static final long MAX_NS = 3_600_000_000_000L;
    private static final double P50 = 50;
    private static final double P99 = 99;

    private final Histogram[] slices = new Histogram[SLICES];
    private final long[] sliceOf = new long[SLICES];

    LagMeter() {
        for (int slice = 0; slice < SLICES; slice++) {
            slices[slice] = new Histogram(MAX_NS, 2);
            sliceOf[slice] = Long.MIN_VALUE;
        }
    }

    synchronized void record(long lagNs, long nowNs) {
        long number = Math.floorDiv(nowNs, SLICE_NS);
        int slice = (int) Math.floorMod(number, (long) SLICES);
        if (sliceOf[slice] != number) {
            slices[slice].reset();
            sliceOf[slice] = number;
        }
        slices[slice].recordValue(Math.clamp(lagNs, 0, MAX_NS));
    }

    /** {@return the last minute's} */
    public synchronized Lag lag(long nowNs) {
        long number = Math.floorDiv(nowNs, SLICE_NS);
        Histogram all = new Histogram(MAX_NS, 2);
        for (int slice = 0; slice < SLICES; slice++) {
            if (sliceOf[slice] > number - SLICES) {
                all.add(slices[slice]);
            }
        }
        return new Lag(all.getTotalCount(), all.getValueAtPercentile(P50), all.getValueAtPercentile(P99));
    }

    /** Of so many batches; 0 and 0 if there were none. */
    public record Lag(long batches, long p50Ns, long p99Ns) {}
}
