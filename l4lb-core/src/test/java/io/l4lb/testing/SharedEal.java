package io.l4lb.testing;

import io.l4lb.dpdk.eal.Eal;
import io.l4lb.replay.Replay;

/** The EAL of the test JVM; it starts once per process. */
public final class SharedEal {
    private static Eal eal;

    private SharedEal() {}

    public static synchronized Eal get() {
        if (eal == null) {
            eal = Eal.start(Replay.ealArguments());
        }
        return eal;
    }
}
