package io.l4lb.worker;

import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One worker's change to another table: when it took it, and when it had forwarded its first burst by it. Written by the
 * worker, awaited by the control side. {@link System#nanoTime} throughout.
 */
public final class TableSwap {
    private final CountDownLatch taken = new CountDownLatch(1);
    private final CountDownLatch used = new CountDownLatch(1);
    private long usedNs;

    /** Worker thread: the old table is out of use. */
    void taken() {
        taken.countDown();
    }

    /** Worker thread: the first burst on the new table has been sent. */
    void used() {
        usedNs = System.nanoTime();
        used.countDown();
    }

    /** {@return whether the worker has taken the table within that time} */
    public boolean awaitTaken(long timeout, TimeUnit unit) throws InterruptedException {
        return taken.await(timeout, unit);
    }

    /** {@return when the first burst had been forwarded by the table; empty: none came within that time} */
    public OptionalLong awaitUsed(long timeout, TimeUnit unit) throws InterruptedException {
        return used.await(timeout, unit) ? OptionalLong.of(usedNs) : OptionalLong.empty();
    }
}
