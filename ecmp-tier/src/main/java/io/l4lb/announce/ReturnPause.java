package io.l4lb.announce;

import java.util.concurrent.TimeUnit;

/**
 * When an address may be announced again after it had to be withdrawn: all has to have been well for a pause, which doubles
 * with every withdrawal up to a bound and is forgotten when the address has stayed announced for that bound. Withdrawing is
 * never put off, and what an operator ordered is not held against the address. Not for concurrent use.
 */
final class ReturnPause {
    private final long firstNs;
    private final long largestNs;
    private long pauseNs;
    private boolean announced;
    private boolean wasWell;
    private long sinceNs;

    ReturnPause(int firstSeconds, int largestSeconds) {
        this.firstNs = TimeUnit.SECONDS.toNanos(firstSeconds);
        this.largestNs = TimeUnit.SECONDS.toNanos(largestSeconds);
    }

    /**
     * Takes in how it stands.
     *
     * @param well whether the address could be served this moment
     * @param ordered whether, if not, an operator wanted that
     * @return whether it is to be announced from now on
     */
    boolean update(boolean well, boolean ordered, long nowNs) {
        if (announced) {
            if (!well) {
                announced = false;
                pauseNs = ordered ? 0 : nextPauseNs(nowNs);
            }
        } else if (well) {
            if (!wasWell) {
                sinceNs = nowNs;
            }
            if (nowNs - sinceNs >= pauseNs) {
                announced = true;
                sinceNs = nowNs;
            }
        }
        wasWell = well;
        return announced;
    }

    private long nextPauseNs(long nowNs) {
        boolean forgotten = nowNs - sinceNs >= largestNs;
        return forgotten || pauseNs == 0 ? firstNs : Math.min(largestNs, pauseNs * 2);
    }

    /** {@return how long it still takes if all stays well; 0 if nothing is waited for} */
    long leftNs(long nowNs) {
        return announced || !wasWell ? 0 : Math.max(0, pauseNs - (nowNs - sinceNs));
    }
}
