package io.l4lb.worker;

import io.l4lb.admit.NewFlowLimit;
import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.DataplaneConfig.Fragments;

/**
 * What a worker goes by from its start on.
 *
 * @param mtuBytes largest IP packet that the links carry
 * @param icmpPerSecond echo requests answered here, and as many ICMP errors passed on, for one source prefix: this worker's share
 * @param newFlowsPerSecond that one source prefix may begin here: this worker's share; 0: no limit
 * @param fragments how many are followed, and held for how long
 * @param limitSeed decides which source prefixes share a bucket of a limit; not to be guessed from outside
 */
public record WorkerTerms(int mtuBytes, int icmpPerSecond, int newFlowsPerSecond, Fragments fragments, long limitSeed) {
    /** {@return the terms of one of the configuration's workers} */
    public static WorkerTerms of(DataplaneConfig dataplane, long limitSeed) {
        return of(dataplane, dataplane.workers(), limitSeed);
    }

    /** {@return the terms of the node's only worker, whatever the configuration has} */
    public static WorkerTerms ofNode(DataplaneConfig dataplane, long limitSeed) {
        return of(dataplane, 1, limitSeed);
    }

    private static WorkerTerms of(DataplaneConfig dataplane, int workers, long limitSeed) {
        return new WorkerTerms(
                dataplane.mtuBytes(),
                Math.ceilDiv(dataplane.limits().icmpPerSecond(), workers),
                Math.ceilDiv(dataplane.limits().newFlowsPerSecond(), workers),
                dataplane.fragments(),
                limitSeed);
    }

    /** {@return the default terms for links of that MTU}; for tests and benchmarks */
    public static WorkerTerms ofMtu(int mtuBytes) {
        return new WorkerTerms(mtuBytes, DataplaneConfig.Limits.DEFAULT_ICMP_PER_SECOND, 0, Fragments.DEFAULTS, 0);
    }

    /** {@return what the worker's pin stage lets begin} */
    public NewFlowLimit newFlowLimit() {
        return new NewFlowLimit(newFlowsPerSecond, Long.rotateRight(limitSeed, 8));
    }
}
