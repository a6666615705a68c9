package io.l4lb.demo.lab;

import io.l4lb.demo.client.Knock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** New connections at a steady rate: they tell from when to when new flows went to a backend. Made by {@link Lab#knock}. */
public final class Knocks implements AutoCloseable {
    private static final String PROGRAM = "io.l4lb.demo.client.KnockProgram";
    /** Beside the lab's nodes there is not much room. */
    private static final List<String> JVM_OPTIONS = List.of("tool.options", "-Xmx64m");

    /** At the rates that are used, a node that still sent a share of its new flows somewhere would do so many times in this. */
    private static final long QUIET_MS = 1000;

    private static final Duration POLL = Duration.ofMillis(20);

    private final LabProcesses processes;
    private final Process process;
    private final Path output;

    private Knocks(LabProcesses processes, Process process, Path output) {
        this.processes = processes;
        this.process = process;
        this.output = output;
    }

    static Knocks start(
            LabProcesses processes, List<String> enterClient, Path directory, int perSecond, List<String> addresses)
            throws IOException {
        Path output = processes.whileOpen(() -> Files.createTempFile(directory, "new", ".knocks"));
        List<String> arguments = new ArrayList<>(List.of(Integer.toString(perSecond)));
        arguments.addAll(addresses);
        List<String> command = LabNode.java(enterClient, JVM_OPTIONS, PROGRAM, arguments.toArray(String[]::new));
        Process process = processes.start(new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(directory.resolve("knocks.log").toFile()));
        return new Knocks(processes, process, output);
    }

    /** {@return those that have ended, in the order of their starts, up to the first that has not} */
    public List<Knock> soFar() throws IOException {
        String text = Files.readString(output);
        List<Knock> ended = text.substring(0, text.lastIndexOf('\n') + 1)
                .lines()
                .map(Knock::parse)
                .sorted(Comparator.comparingInt(Knock::number))
                .toList();
        int count = 0;
        while (count < ended.size() && ended.get(count).number() == count) {
            count++;
        }
        return ended.subList(0, count);
    }

    /** {@return the first that starts after {@code since} and is as wanted} */
    public Knock await(Instant since, Predicate<Knock> wanted, Duration limit)
            throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        while (true) {
            Optional<Knock> found = soFar().stream()
                    .filter(knock -> knock.startedAfter(since) && wanted.test(knock))
                    .findFirst();
            if (found.isPresent()) {
                return found.get();
            }
            pause(deadlineNs, "no new connection is as expected after " + limit.toMillis() + " ms");
        }
    }

    /**
     * Waits until no new connection has been like this for a second.
     *
     * @return from {@code since} to the start of the last that was; zero if none was
     */
    public Duration untilNoMore(Instant since, Predicate<Knock> unwanted, Duration limit)
            throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        while (true) {
            long sinceMs = since.toEpochMilli();
            List<Knock> after =
                    soFar().stream().filter(knock -> knock.startedAfter(since)).toList();
            long lastMs = after.stream()
                    .filter(unwanted)
                    .mapToLong(Knock::startMs)
                    .max()
                    .orElse(sinceMs);
            if (!after.isEmpty() && after.getLast().startMs() - lastMs > QUIET_MS) {
                return Duration.ofMillis(lastMs - sinceMs);
            }
            pause(deadlineNs, "new connections still meet a dead backend after " + limit.toMillis() + " ms");
        }
    }

    private void pause(long deadlineNs, String late) throws IOException, InterruptedException {
        processes.check();
        if (!process.isAlive()) {
            throw new IOException("the client's process that opens connections has ended with exit code "
                    + process.exitValue() + "; see " + output.resolveSibling("knocks.log"));
        }
        if (System.nanoTime() - deadlineNs > 0) {
            throw new IOException(late);
        }
        Thread.sleep(POLL);
    }

    /** What has not ended by now is not heard of any more. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
