package io.l4lb.logging;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Has one fault said at once, and then once a minute for as long as it lasts. Any thread. */
public final class OnceAMinute {
    private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);

    private final LongSupplier clockNs;
    private boolean isOn;
    private long saidNs;
    private long unsaidCount;

    /** {@code clockNs} is such as System::nanoTime. */
    public OnceAMinute(LongSupplier clockNs) {
        this.clockNs = clockNs;
    }

    /** The fault is there, once more; {@code log} is given the words if it is time for them, with a count of what was left out. {@return whether it was} */
    public boolean say(String words, Consumer<String> log) {
        String said;
        synchronized (this) {
            long nowNs = clockNs.getAsLong();
            if (isOn && nowNs - saidNs < MINUTE_NS) {
                unsaidCount++;
                return false;
            }
            said = words + (unsaidCount == 0 ? "" : " (and " + unsaidCount + " more since this was last logged)");
            unsaidCount = 0;
            isOn = true;
            saidNs = nowNs;
        }
        log.accept(said);
        return true;
    }

    /** The fault is not there; {@code log} is given the words if it was until now. */
    public void over(String words, Consumer<String> log) {
        synchronized (this) {
            if (!isOn) {
                return;
            }
            isOn = false;
            unsaidCount = 0;
        }
        log.accept(words);
    }
}
