package io.l4lb.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.counters.CounterFile;
import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.DropReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** {@code l4lb run} in a JVM of its own with a node's options; closing kills it. */
public final class NodeProcess implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration STACKS_LIMIT = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final String ROOT = System.getProperty("l4lb.root");

    private final Path log;
    private final Path stateDirectory;
    private final Process process;

    private NodeProcess(Path log, Path stateDirectory, Process process) {
        this.log = log;
        this.stateDirectory = stateDirectory;
        this.process = process;
    }

    /** Starts one and waits until it is ready. */
    static NodeProcess start(Path configuration, Path stateDirectory) throws IOException, InterruptedException {
        return start(List.of(), configuration, stateDirectory);
    }

    /** Likewise, by a command that runs another, such as in a namespace. */
    public static NodeProcess start(List<String> prefix, Path configuration, Path stateDirectory)
            throws IOException, InterruptedException {
        Path log = configuration.resolveSibling("node.log");
        List<String> command = new ArrayList<>(prefix);
        // a test run that is under nohup hands on that SIGHUP is to be ignored, and a JVM keeps to that
        command.addAll(List.of("env", "--default-signal=HUP"));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + ROOT + "/ecmp-tier/src/main/jvm/common.options",
                "@" + ROOT + "/ecmp-tier/src/main/jvm/node.options",
                "-Xms32m",
                "-Xmx256m",
                "-Dl4lb.root=" + ROOT,
                "-Dl4lb.nativeDirectory=" + System.getProperty("l4lb.nativeDirectory"),
                "-cp",
                System.getProperty("java.class.path"),
                "io.l4lb.cli.Main",
                "run",
                "-c",
                configuration.toString()));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        // DPDK never removes its runtime directory: it goes with the test's
        builder.environment().put("RUNTIME_DIRECTORY", configuration.getParent().toString());
        NodeProcess node = new NodeProcess(log, stateDirectory, builder.start());
        try {
            node.awaitLines("ready: ", 1);
            return node;
        } catch (IOException | InterruptedException | AssertionError e) {
            node.close();
            throw e;
        }
    }

    /** Waits until so many lines say so; fails when the node ends before. */
    void awaitLines(String words, long count) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (linesWith(words) < count) {
            assertThat(process.isAlive()).as("alive, with the log\n%s", log()).isTrue();
            if (System.nanoTime() - deadlineNs >= 0) {
                throw new AssertionError("no \"%s\" in the log%n%s".formatted(words, logWithStacks()));
            }
            Thread.sleep(POLL);
        }
    }

    /** {@return the log, at the end of it what every thread was doing}: the JVM answers SIGQUIT with that */
    private String logWithStacks() throws IOException, InterruptedException {
        signal("QUIT");
        long deadlineNs = System.nanoTime() + STACKS_LIMIT.toNanos();
        while (linesWith("JNI global refs") == 0 && System.nanoTime() - deadlineNs < 0) {
            Thread.sleep(POLL);
        }
        return log();
    }

    private long linesWith(String words) throws IOException {
        return log().lines().filter(line -> line.contains(words)).count();
    }

    /** {@return what it has printed} */
    public String log() throws IOException {
        return Files.readString(log);
    }

    boolean hasLogged(String words) {
        try {
            return linesWith(words) > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGHUP; returns when the node has reloaded. */
    public void reload() throws IOException, InterruptedException {
        long before = linesWith("reloaded: ");
        signal("HUP");
        awaitLines("reloaded: ", before + 1);
    }

    /** {@return its counters as last published} */
    CounterSnapshot counters() throws IOException {
        return CounterFile.read(stateDirectory, System.currentTimeMillis()).snapshot();
    }

    /** Waits until the counters are so; fails when the node ends before. */
    public void awaitCounters(Predicate<CounterSnapshot> so) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (!so.test(counters())) {
            assertThat(process.isAlive()).as("alive, with the log\n%s", log()).isTrue();
            assertThat(System.nanoTime() - deadlineNs)
                    .as("these counters are not what they are to be: %s", counters())
                    .isNegative();
            Thread.sleep(POLL);
        }
    }

    /** {@return how many packets its workers have dropped for that reason} */
    public long drops(DropReason reason) throws IOException {
        return drops(counters(), reason);
    }

    public static long drops(CounterSnapshot counters, DropReason reason) {
        return counters.workers().stream()
                .mapToLong(worker -> worker.drops().getOrDefault(reason, 0L))
                .sum();
    }

    /** Sends it a signal, such as STOP. */
    public void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    /** SIGTERM; {@return the exit code}. The counters can still be read. */
    int stop() throws IOException, InterruptedException {
        process.destroy();
        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .as("ended, with the log\n%s", log())
                .isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
