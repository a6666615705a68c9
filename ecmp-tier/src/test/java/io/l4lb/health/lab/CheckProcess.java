package io.l4lb.health.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** {@link HealthProgram} in a namespace; closing kills it. */
final class CheckProcess implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(10);
    private static final String ROOT = System.getProperty("l4lb.root");

    private final Path log;
    private final Process process;

    /** What it said of a backend. */
    record Change(long atMs, String pool, String backend, boolean up, String reason) {
        static Change of(String line) {
            String[] words = line.split(" ", 6);
            return new Change(Long.parseLong(words[1]), words[2], words[3], words[4].equals("up"), words[5]);
        }
    }

    private CheckProcess(Path log, Process process) {
        this.log = log;
        this.process = process;
    }

    static CheckProcess start(String namespace, Path configuration) throws IOException {
        Path log = configuration.resolveSibling(configuration.getFileName() + ".log");
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + ROOT + "/ecmp-tier/src/main/jvm/common.options",
                "@" + ROOT + "/ecmp-tier/src/main/jvm/node.options",
                "-Xms128m",
                "-Xmx256m",
                "-Dl4lb.nativeDirectory=" + System.getProperty("l4lb.nativeDirectory"),
                "-cp",
                System.getProperty("java.class.path"),
                HealthProgram.class.getName(),
                configuration.toString()));
        return new CheckProcess(
                log,
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start());
    }

    void awaitReady() throws IOException, InterruptedException {
        await(line -> line.startsWith("ready"), 0);
    }

    /** {@return the first line from {@code firstLine} on that fits} */
    String await(Predicate<String> fits, int firstLine) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            Optional<String> found =
                    lines().stream().skip(firstLine).filter(fits).findFirst();
            if (found.isPresent()) {
                return found.get();
            }
            assertThat(process.isAlive()).as("alive, having said\n%s", lines()).isTrue();
            assertThat(System.nanoTime() - deadlineNs)
                    .as("it has said\n%s", lines())
                    .isNegative();
            Thread.sleep(POLL);
        }
    }

    /** {@return the next change of that backend after so many lines} */
    Change awaitChange(String backend, boolean up, int firstLine) throws IOException, InterruptedException {
        return Change.of(await(
                line -> line.startsWith("change ")
                        && line.contains(" " + backend + " ")
                        && Change.of(line).up() == up,
                firstLine));
    }

    /** Waits until so many backends of pools have been up, and nothing else was heard of any, for some time. */
    void awaitAllUp(int count, Duration undisturbed) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (!areUpSince(count, System.currentTimeMillis() - undisturbed.toMillis())) {
            assertThat(System.nanoTime() - deadlineNs)
                    .as("not all are up for %s; it has said\n%s", undisturbed, lines())
                    .isNegative();
            Thread.sleep(POLL);
        }
    }

    private boolean areUpSince(int count, long atMs) throws IOException {
        Collection<Change> last = lastChanges().values();
        return last.size() == count && last.stream().allMatch(change -> change.up() && change.atMs() <= atMs);
    }

    /** {@return by POOL/BACKEND, what was said of it last} */
    Map<String, Change> lastChanges() throws IOException {
        return lines().stream()
                .filter(line -> line.startsWith("change "))
                .map(Change::of)
                .collect(Collectors.toMap(
                        change -> change.pool() + "/" + change.backend(), change -> change, (_, later) -> later));
    }

    double cpuShare(int seconds) throws IOException, InterruptedException {
        int before = lines().size();
        process.getOutputStream().write(("cpu " + seconds + "\n").getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
        return Double.parseDouble(await(line -> line.startsWith("cpu "), before).substring("cpu ".length()));
    }

    /** Ends it as an operator would. */
    void end() throws IOException, InterruptedException {
        process.getOutputStream().close();
        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Whole lines only. */
    List<String> lines() throws IOException {
        String text = Files.readString(log);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        try {
            process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
