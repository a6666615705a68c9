package io.l4lb.dpdk.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A network namespace that vanishes, with all in it, when it is closed or the JVM ends. Needs root. */
public final class NetworkNamespace implements AutoCloseable {
    private static final int TIMEOUT_SECONDS = 20;

    private final String name;
    private final Thread atExit = new Thread(this::delete);

    private NetworkNamespace(String name) {
        this.name = name;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Makes one, or skips the test and says why. */
    public static NetworkNamespace createOrSkip(String name) throws IOException, InterruptedException {
        boolean allowed = exitCode(List.of("unshare", "-n", "true")) == 0;
        if (!allowed) {
            System.out.println("skipped: network namespaces need root");
        }
        assumeTrue(allowed, "network namespaces need root");
        NetworkNamespace namespace =
                new NetworkNamespace(name + "-" + ProcessHandle.current().pid());
        run(List.of("ip", "netns", "add", namespace.name));
        namespace.exec("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
        return namespace;
    }

    /** {@return the command that runs another inside} */
    public List<String> prefix() {
        return List.of("ip", "netns", "exec", name);
    }

    /** Runs a command inside; fails when it fails. */
    public void exec(String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(prefix());
        all.addAll(List.of(command));
        run(all);
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        delete();
    }

    private void delete() {
        try {
            exitCode(List.of("ip", "netns", "del", name));
        } catch (IOException | InterruptedException e) {
            System.out.println("cannot delete the network namespace " + name + ": " + e);
        }
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        int exitCode = exitCode(command);
        if (exitCode != 0) {
            throw new IOException(String.join(" ", command) + " exited with " + exitCode);
        }
    }

    private static int exitCode(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " does not end");
        }
        if (process.exitValue() != 0) {
            System.out.print(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        return process.exitValue();
    }
}
