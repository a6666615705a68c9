package io.l4lb.dpdk.testing;

import io.l4lb.dpdk.eal.Eal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The one EAL of a test JVM: an EAL starts once per process, so all test classes share it and nobody closes it. Needs
 * neither root nor huge pages; the prefix keeps parallel test JVMs apart.
 *
 * <p>DPDK makes a runtime directory of that name, empty with {@code --no-shconf}, and never removes it: this does when
 * the JVM ends.
 */
public final class SharedEal {
    private static Eal eal;
    private static int nextDevice;

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> removeRuntimeDirectory(ProcessHandle.current().pid())));
    }

    private SharedEal() {}

    public static List<String> arguments() {
        return List.of(
                "--no-huge",
                "-m",
                "64",
                "--no-shconf",
                "--no-telemetry",
                "--file-prefix",
                prefix(ProcessHandle.current().pid()));
    }

    private static String prefix(long pid) {
        return "l4lb-test-" + pid;
    }

    /** Where DPDK puts it: {@code eal_create_runtime_dir} in {@code lib/eal/unix/eal_filesystem.c}. */
    static void removeRuntimeDirectory(long pid) {
        boolean isRoot = System.getProperty("user.name").equals("root");
        String parent = Optional.ofNullable(System.getenv("RUNTIME_DIRECTORY"))
                .orElse(isRoot ? "/var/run" : System.getenv().getOrDefault("XDG_RUNTIME_DIR", "/tmp"));
        try {
            Files.deleteIfExists(Path.of(parent, "dpdk", prefix(pid)));
        } catch (IOException e) {
            System.err.println("a runtime directory of DPDK is left behind: " + e);
        }
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
