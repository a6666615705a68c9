package io.l4lb.golden;

import io.l4lb.dpdk.eal.Eal;
import io.l4lb.replay.Replay;

/** The EAL of the test JVM; it starts once per process. */
final class GoldenEal {
    private static Eal eal;

    private GoldenEal() {}

    static synchronized Eal get() {
        if (eal == null) {
            eal = Eal.start(Replay.ealArguments());
        }
        return eal;
    }
}
