package io.l4lb.punt;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import java.util.Arrays;

/**
 * How many packets a second one worker hands to the kernel from one ethPort. The kernel takes a packet in the worker's own
 * time, some microseconds each, so a flood of junk would starve VIP traffic; what is beyond the limit is dropped
 * ({@code punt-rate}).
 *
 * <p>Each {@link PuntClass} has a share of the limit, and one source at most a quarter of that share: a flood of UDP leaves
 * BGP alone, and one address that floods the BGP port leaves the router's session alone. Sources share {@value
 * #SOURCE_BUCKETS} buckets a class by their hash; nothing is stored for a source.
 *
 * <p>A bucket is one long, the time up to which its packets are paid for; a packet moves it on by its cost, and is refused
 * while it lies further ahead than the burst allows (the generic cell rate algorithm, ITU-T I.371, annex A). 12 KiB, touched
 * by punted packets only. Worker thread.
 */
public final class PuntLimit {
    private static final int DROP = Verdict.drop(DropReason.PUNT_RATE);
    private static final long SECOND_NS = 1_000_000_000;
    /** What may come at once, as time: an idle worker sleeps for 1 ms, a busy kernel sends for some more. */
    private static final long BURST_NS = 20_000_000;
    /** And as packets, where the rate is low. */
    private static final int BURST_PACKETS_MIN = 8;

    private static final int SOURCE_BUCKETS = 256;
    private static final int SOURCE_SHARE = 4;
    private static final int CLASS_BITS = 8;
    private static final int CLASS_MASK = (1 << CLASS_BITS) - 1;

    /** By class, of 100: neighbours, routing, TCP, SYN, ICMP, other. Bulk is TCP's (ssh, scp), the rest asks for little. */
    private static final int[] SHARES = {10, 30, 40, 5, 5, 10};

    private final long[] classCostNs = new long[PuntClass.COUNT];
    private final long[] sourceCostNs = new long[PuntClass.COUNT];
    private final long[] classPaidNs = new long[PuntClass.COUNT];
    private final long[] sourcePaidNs = new long[PuntClass.COUNT * SOURCE_BUCKETS];

    /**
     * Makes a limit with all buckets full.
     *
     * @param packetsPerSecond of all classes together, 1 or more
     * @param nowNs the clock that {@link #run} is given too
     */
    public PuntLimit(int packetsPerSecond, long nowNs) {
        for (int i = 0; i < PuntClass.COUNT; i++) {
            classCostNs[i] = SECOND_NS * 100 / (SHARES[i] * (long) packetsPerSecond);
            sourceCostNs[i] = classCostNs[i] * SOURCE_SHARE;
            classPaidNs[i] = nowNs;
        }
        Arrays.fill(sourcePaidNs, nowNs);
    }

    /** Turns the verdict of punted packets beyond the limit into a drop. */
    public void run(Burst burst, long nowNs) {
        int count = burst.count;
        long[] columns = burst.columns();
        for (int i = 0; i < count; i++) {
            if (Burst.verdict(columns, i) == Verdict.PUNT
                    && !take(PuntClass.of(Burst.frameAddress(columns, i), Burst.frameLength(columns, i)), nowNs)) {
                Burst.verdict(columns, i, DROP);
            }
        }
    }

    private boolean take(int classAndSource, long nowNs) {
        int kind = classAndSource & CLASS_MASK;
        int bucket = kind * SOURCE_BUCKETS + (classAndSource >>> (Integer.SIZE - CLASS_BITS));
        long ofSource = paid(sourcePaidNs[bucket], sourceCostNs[kind], nowNs);
        long ofClass = paid(classPaidNs[kind], classCostNs[kind], nowNs);
        if (ofSource - nowNs > burstNs(sourceCostNs[kind]) || ofClass - nowNs > burstNs(classCostNs[kind])) {
            return false;
        }
        sourcePaidNs[bucket] = ofSource;
        classPaidNs[kind] = ofClass;
        return true;
    }

    /** {@return up to when one more packet is paid for} */
    private static long paid(long paidNs, long costNs, long nowNs) {
        return (paidNs - nowNs < 0 ? nowNs : paidNs) + costNs;
    }

    private static long burstNs(long costNs) {
        return Math.max(BURST_NS, BURST_PACKETS_MIN * costNs);
    }
}
