package io.l4lb.node.control;

import io.l4lb.config.BackendConfig;
import java.util.concurrent.TimeUnit;

/**
 * How a backend that comes up is given its weight: in {@value #STEPS} equal steps, the first at once. Each step is a new
 * table, so there are ten a backend and no more; filling a Maglev table of 65,537 slots takes some 5 ms.
 */
final class SlowStart {
    static final int STEPS = 10;

    private SlowStart() {}

    /** {@return 1 .. {@value #STEPS}; the last one: done} */
    static int step(long elapsedNs, int seconds) {
        long stepNs = stepNs(seconds);
        return stepNs == 0 ? STEPS : (int) Math.min(STEPS, elapsedNs / stepNs + 1);
    }

    static long stepNs(int seconds) {
        return TimeUnit.SECONDS.toNanos(seconds) / STEPS;
    }

    /**
     * {@return by what all weights of a pool are multiplied, so that a tenth of a small one is not rounded away} Tables
     * depend on the proportions of weights only.
     */
    static int scale(int largestWeight) {
        return Math.clamp(BackendConfig.MAX_WEIGHT / Math.max(1, largestWeight), 1, STEPS);
    }

    /** {@return that part of a weight, at least 1 unless it is 0} */
    static int weight(int weight, int scale, int step) {
        return weight == 0 ? 0 : Math.max(1, weight * scale * step / STEPS);
    }
}
