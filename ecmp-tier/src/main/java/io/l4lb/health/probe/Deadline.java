package io.l4lb.health.probe;

import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * When a try has to have ended, and how it waits until then. The time-out is of time in which this node could look: what it was held up
 * itself, woken too late or kept from its CPU, comes on top, up to {@value #LONGEST} times the whole. Otherwise a node that
 * stands still for a moment finds all its backends dead at once, and moves their flows.
 */
public final class Deadline {
    private static final long NS_PER_MS = 1_000_000;
    /** So many time-outs after its beginning a try ends whatever this node did: a busy node, too, finds a dead backend. */
    private static final long LONGEST = 4;
    /** Nobody answers at once. */
    private static final long SHORTEST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(3);

    private static final long LONGEST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(30);
    /** Two ticks, or what a look may take: more than that between two looks, beyond the pause, is this node's own doing. */
    private static final long USUAL_NS = TimeUnit.MILLISECONDS.toNanos(10);

    private final LongSupplier clock;
    private final LongConsumer sleepUntil;
    private final int timeoutMs;
    private final long lastEndNs;
    private long endNs;
    /** Until when all time is accounted for: the beginning, or the end of the last pause. */
    private long lookedNs;

    Deadline(int timeoutMs, LongSupplier clock, LongConsumer sleepUntil) {
        this.clock = clock;
        this.sleepUntil = sleepUntil;
        this.timeoutMs = timeoutMs;
        this.lookedNs = clock.getAsLong();
        this.endNs = lookedNs + timeoutMs * NS_PER_MS;
        this.lastEndNs = lookedNs + LONGEST * timeoutMs * NS_PER_MS;
    }

    /** Counts from now. */
    public static Deadline in(int timeoutMs, Ticker ticker) {
        return new Deadline(timeoutMs, System::nanoTime, ticker::sleepUntil);
    }

    /** {@return what is left, at least 1}, for who waits in the kernel: that time is the backend's */
    public int leftMs() throws SocketTimeoutException {
        lookedNs = clock.getAsLong();
        check();
        return Math.toIntExact(Math.max(endNs - lookedNs, 0) / NS_PER_MS) + 1;
    }

    /** Ends a try that has had its time. */
    public void check() throws SocketTimeoutException {
        long nowNs = clock.getAsLong();
        account(lookedNs, nowNs);
        if (endNs - nowNs <= 0) {
            throw new SocketTimeoutException();
        }
    }

    /**
     * Sleeps before the next look at something that has not come. What comes after a time is seen at most half that time later, and
     * at most 30 ms and a tick: one that answers soon costs one look, one that does not answer some twenty.
     *
     * @param sinceNs when it was first waited for
     */
    public void pause(long sinceNs) throws SocketTimeoutException {
        check();
        long nowNs = clock.getAsLong();
        long pauseNs = Math.clamp((nowNs - sinceNs) / 2, SHORTEST_PAUSE_NS, LONGEST_PAUSE_NS);
        long wakeNs = nowNs + Math.min(pauseNs, endNs - nowNs);
        sleepUntil.accept(wakeNs);
        account(wakeNs, clock.getAsLong());
    }

    /** Adds what was too long between a time and now, when the next look should have been. */
    private void account(long dueNs, long nowNs) {
        long heldUpNs = nowNs - dueNs - USUAL_NS;
        if (heldUpNs > 0) {
            endNs = endNs + heldUpNs - lastEndNs < 0 ? endNs + heldUpNs : lastEndNs;
        }
        lookedNs = nowNs;
    }

    /** {@return the whole time, the node's own delays aside} */
    public int timeoutMs() {
        return timeoutMs;
    }
}
