package io.l4lb.peer.link;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How a thread that polls waits when there was nothing to do: from 50 us on twice as long each time, up to 0.5 ms while there has been
 * work lately, else up to 2 ms: an idle node's threads cost little, and the first event after a silence comes a little later. One thread.
 */
public final class PollPause {
    private static final long MIN_NS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final long BUSY_MAX_NS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final long QUIET_MAX_NS = TimeUnit.MILLISECONDS.toNanos(2);
    /** Without work for that long it is quiet; less than the time between two beats. */
    private static final long LATELY_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private long waitNs = MIN_NS;
    private long waitedNs;

    /** Waits if {@code work} is 0. */
    public void after(int work) {
        if (work > 0) {
            waitNs = MIN_NS;
            waitedNs = 0;
            return;
        }
        LockSupport.parkNanos(waitNs);
        waitedNs += waitNs;
        waitNs = Math.min(2 * waitNs, waitedNs < LATELY_NS ? BUSY_MAX_NS : QUIET_MAX_NS);
    }
}
