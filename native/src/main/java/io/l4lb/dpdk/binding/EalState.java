package io.l4lb.dpdk.binding;

import java.util.List;

/**
 * Whether the EAL runs in this process. DPDK itself does not ask: its calls crash the process before start and after
 * clean-up, so everything that makes pools or touches devices asks here first. Any thread.
 */
public final class EalState {
    private static volatile boolean running;

    private EalState() {}

    public static boolean isRunning() {
        return running;
    }

    public static void running(boolean now) {
        running = now;
    }

    /** Throws when the EAL does not run. */
    public static void require(String what) {
        if (!running) {
            throw new DpdkException(what, "the EAL is not running", List.of(), "start it first (Eal.start)");
        }
    }
}
