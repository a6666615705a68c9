package io.l4lb.announce;

import io.l4lb.logging.OnceAMinute;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Says that a worker stands still, and that it goes on: once a minute at the most, since on a busy machine the one follows the
 * other many times a second. One thread.
 */
final class StallLog {
    private final OnceAMinute stalls;
    private final Consumer<String> error;
    private final Consumer<String> warning;
    private boolean isSaid;

    /** {@code clockNs} is such as System::nanoTime. */
    StallLog(LongSupplier clockNs, Consumer<String> error, Consumer<String> warning) {
        this.stalls = new OnceAMinute(clockNs);
        this.error = error;
        this.warning = warning;
    }

    void stalled(String state) {
        isSaid = stalls.say(state + "; all VIPs are withdrawn", error);
    }

    /** The end of what was said, of nothing else. */
    void moving() {
        if (isSaid) {
            isSaid = false;
            warning.accept("all workers go on");
        }
    }
}
