package io.l4lb.dpdk.testing;

import io.l4lb.dpdk.eal.Eal;
import java.util.List;

/**
 * The one EAL of a test JVM: an EAL starts once per process, so all test classes share it and nobody closes it. Needs
 * neither root nor huge pages; the prefix keeps parallel test JVMs apart.
 */
public final class SharedEal {
    private static Eal eal;
    private static int nextDevice;

    private SharedEal() {}

    public static List<String> arguments() {
        return List.of(
                "--no-huge",
                "-m",
                "64",
                "--no-shconf",
                "--no-telemetry",
                "--file-prefix",
                "l4lb-test-" + ProcessHandle.current().pid());
    }

    public static synchronized Eal get() {
        if (eal == null) {
            eal = Eal.start(arguments());
        }
        return eal;
    }

    /** {@return a number that no other device or pool of this JVM has, to make names unique} */
    public static synchronized int unique() {
        return nextDevice++;
    }
}
