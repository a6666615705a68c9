package io.l4lb.dpdk.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A main class of the tests in a JVM of its own: for what ends the process, happens once per process, or must run in
 * another network namespace. Its output is read as it comes; closing kills it.
 */
public final class ChildJvm implements AutoCloseable {
    private static final int TIMEOUT_SECONDS = 60;
    private static final String END = "\0end";

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> seen = new ArrayList<>();

    private ChildJvm(Process process) {
        this.process = process;
        Thread.ofPlatform().daemon().name("child-output").start(this::readOutput);
    }

    /**
     * Starts one.
     *
     * @param prefix command to run it under, such as ip netns exec; empty for none
     * @param jvmOptions further options
     */
    public static ChildJvm start(
            List<String> prefix, List<String> jvmOptions, Class<?> mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx256m"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "-ea"));
        command.add("-Dl4lb.nativeDirectory=" + System.getProperty("l4lb.nativeDirectory"));
        command.addAll(jvmOptions);
        command.add(mainClass.getName());
        command.addAll(arguments);
        try {
            return new ChildJvm(
                    new ProcessBuilder(command).redirectErrorStream(true).start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void readOutput() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            lines.add(e.toString());
        }
        lines.add(END);
    }

    /** Waits for a line that starts with {@code text}; fails when the child ends or a minute passes without one. */
    public void await(String text) throws InterruptedException {
        String line = next();
        while (!line.startsWith(text)) {
            if (line.equals(END)) {
                throw new AssertionError("no \"" + text + "\" in the output of the child:\n" + output());
            }
            line = next();
        }
    }

    /** Waits for its end and {@return its exit code}. */
    public int awaitExit() throws InterruptedException {
        String line = next();
        while (!line.equals(END)) {
            line = next();
        }
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the child does not end:\n" + output());
        }
        return process.exitValue();
    }

    /** Asks it to end, as a service manager does (SIGTERM). */
    public void terminate() {
        process.toHandle().destroy(); // Process.destroy would close its output
    }

    /** Ends it without a chance to tidy up (SIGKILL). */
    public void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        process.waitFor();
    }

    /** {@return what it has printed as far as it was waited for} */
    public String output() {
        return String.join("\n", seen);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        SharedEal.removeRuntimeDirectory(process.pid()); // a killed JVM could not
    }

    private String next() throws InterruptedException {
        String line = lines.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("no output of the child for " + TIMEOUT_SECONDS + " s:\n" + output());
        }
        if (!line.equals(END)) {
            seen.add(line);
        }
        return line;
    }
}
