package io.l4lb.health.probe;

import java.net.SocketTimeoutException;

/** When a try has to have ended. */
public final class Deadline {
    private static final long NS_PER_MS = 1_000_000;

    private final long endNs;
    private final int timeoutMs;

    private Deadline(long endNs, int timeoutMs) {
        this.endNs = endNs;
        this.timeoutMs = timeoutMs;
    }

    /** Counts from now. */
    public static Deadline in(int timeoutMs) {
        return new Deadline(System.nanoTime() + timeoutMs * NS_PER_MS, timeoutMs);
    }

    /** {@return what is left, at least 1} */
    public int leftMs() throws SocketTimeoutException {
        long leftNs = endNs - System.nanoTime();
        if (leftNs <= 0) {
            throw new SocketTimeoutException();
        }
        return Math.toIntExact(leftNs / NS_PER_MS) + 1;
    }

    /** {@return the whole time} */
    public int timeoutMs() {
        return timeoutMs;
    }
}
