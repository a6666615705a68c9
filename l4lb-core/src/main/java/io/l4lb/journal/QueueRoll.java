package io.l4lb.journal;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import net.openhft.chronicle.core.time.TimeProvider;

/**
 * Says which file a queue's records go to. Chronicle asks for the time, and a file has the name of a minute. It gets a minute that goes
 * on by one, for a process that starts, after a failure, and for each minute in which something is appended: so a file has one writer in its
 * life, none lacks in between (Chronicle would look for each), and a wall clock that is set, or hours off, does not matter. The
 * journal's thread moves it on, any thread asks.
 */
final class QueueRoll implements TimeProvider {
    private static final long CYCLE_NS = TimeUnit.SECONDS.toNanos(QueueFiles.CYCLE_SECONDS);

    private final LongSupplier nanoTime;
    private final AtomicLong cycle;
    private boolean isBegun;
    private boolean isLeft;
    private long begunNs;

    /**
     * @param cycle the first file's: none that is there may have it, or a later one
     * @param nanoTime as {@link System#nanoTime}
     */
    QueueRoll(long cycle, LongSupplier nanoTime) {
        this.cycle = new AtomicLong(cycle);
        this.nanoTime = nanoTime;
    }

    /** {@return whether the next record is for another file than the last} */
    boolean isDue() {
        return !isBegun || nanoTime.getAsLong() - begunNs >= CYCLE_NS;
    }

    /** Goes on to the next file; the first time it stays. */
    void roll() {
        if (isBegun || isLeft) {
            cycle.incrementAndGet();
        }
        isLeft = false;
        isBegun = true;
        begunNs = nanoTime.getAsLong();
    }

    /** Goes on to another file with the next record: a reader may be in the one that a failed append has made, which is gone. */
    void leave() {
        isBegun = false;
        isLeft = true;
    }

    @Override
    public long currentTimeMillis() {
        return TimeUnit.SECONDS.toMillis(cycle.get() * QueueFiles.CYCLE_SECONDS);
    }
}
