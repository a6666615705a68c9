package io.l4lb.health.probe;

import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;

/** When a try has to have ended, and how it waits until then. */
public final class Deadline {
    private static final long NS_PER_MS = 1_000_000;
    /** Nobody answers at once. */
    private static final long SHORTEST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(3);

    private static final long LONGEST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(30);

    private final long endNs;
    private final int timeoutMs;
    private final Ticker ticker;

    private Deadline(long endNs, int timeoutMs, Ticker ticker) {
        this.endNs = endNs;
        this.timeoutMs = timeoutMs;
        this.ticker = ticker;
    }

    /** Counts from now. */
    public static Deadline in(int timeoutMs, Ticker ticker) {
        return new Deadline(System.nanoTime() + timeoutMs * NS_PER_MS, timeoutMs, ticker);
    }

    /** {@return what is left, at least 1} */
    public int leftMs() throws SocketTimeoutException {
        check();
        return Math.toIntExact(Math.max(endNs - System.nanoTime(), 0) / NS_PER_MS) + 1;
    }

    /** Ends a try that has had its time. */
    public void check() throws SocketTimeoutException {
        if (endNs - System.nanoTime() <= 0) {
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
        long nowNs = System.nanoTime();
        long pauseNs = Math.clamp((nowNs - sinceNs) / 2, SHORTEST_PAUSE_NS, LONGEST_PAUSE_NS);
        ticker.sleepUntil(nowNs + Math.min(pauseNs, endNs - nowNs));
    }

    /** {@return the whole time} */
    public int timeoutMs() {
        return timeoutMs;
    }
}
