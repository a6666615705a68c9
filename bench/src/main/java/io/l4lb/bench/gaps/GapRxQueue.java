package io.l4lb.bench.gaps;

import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.eal.ThreadSwitches;
import org.HdrHistogram.Histogram;

/**
 * Writes down how long after the last pass this one comes: the worker polls once a pass. One clock reading and one count
 * in a histogram a pass; after a long gap one system call, whose time is part of the next gap. Allocates nothing.
 */
final class GapRxQueue implements RxQueue {
    /** The kernel is asked for the cause of gaps from here on, as in stallfloor.c; a pass takes 1 to 2 us. */
    private static final long ASK_FROM_NS = 10_000;

    private final RxQueue rxQueue;
    private final ThreadSwitches switches;
    private long lastNs;
    private long voluntary;
    private long involuntary;
    private Histogram ordinary;
    private GapHistograms into;
    private volatile GapHistograms target;

    GapRxQueue(RxQueue rxQueue, ThreadSwitches switches) {
        this.rxQueue = rxQueue;
        this.switches = switches;
        cause(); // links the call now, and not in a gap
    }

    /** Control thread. Gaps go there from the next pass on; null: nowhere. */
    void recordInto(GapHistograms histograms) {
        target = histograms;
    }

    @Override
    public int receive(long mbufArrayAddress, int capacity) {
        long nowNs = System.nanoTime();
        GapHistograms wanted = target;
        if (wanted == into && wanted != null) {
            record(nowNs - lastNs);
        } else if (wanted != into) {
            begin(wanted);
        }
        lastNs = nowNs;
        return rxQueue.receive(mbufArrayAddress, capacity);
    }

    private void record(long gapNs) {
        if (gapNs < ASK_FROM_NS) {
            ordinary.recordValue(gapNs);
        } else {
            into.record(cause(), gapNs);
        }
    }

    private GapCause cause() {
        switches.read();
        long voluntaryNow = switches.voluntary();
        long involuntaryNow = switches.involuntary();
        GapCause cause = voluntaryNow != voluntary
                ? GapCause.STOPPED
                : involuntaryNow != involuntary ? GapCause.PREEMPTED : GapCause.OTHER;
        voluntary = voluntaryNow;
        involuntary = involuntaryNow;
        return cause;
    }

    private void begin(GapHistograms wanted) {
        into = wanted;
        ordinary = wanted == null ? null : wanted.of(GapCause.OTHER);
        cause();
    }
}
