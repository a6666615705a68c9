package io.l4lb.counters;

/**
 * Events a second of the last {@value #WINDOW_SECONDS} s, from a counter that is there anyway and is looked at once a second. One
 * thread samples, any thread asks.
 */
public final class EventRate {
    public static final int WINDOW_SECONDS = 10;
    private static final int SAMPLES = WINDOW_SECONDS + 1;
    private static final double NS_PER_SECOND = 1e9;

    private final long[] takenNs = new long[SAMPLES];
    private final long[] counts = new long[SAMPLES];
    private long taken;
    private volatile double perSecond;

    /** Once a second, or later if the thread was held up: the window is longer then. */
    public void sample(long nowNs, long count) {
        int newest = (int) (taken % SAMPLES);
        takenNs[newest] = nowNs;
        counts[newest] = count;
        taken++;
        int oldest = taken < SAMPLES ? 0 : (int) (taken % SAMPLES);
        long ns = nowNs - takenNs[oldest];
        perSecond = ns <= 0 ? 0 : (count - counts[oldest]) * NS_PER_SECOND / ns;
    }

    /** {@return of the window} */
    public double perSecond() {
        return perSecond;
    }
}
