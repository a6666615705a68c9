package io.l4lb.demo.checker;

import io.l4lb.demo.client.CheckedState;
import io.l4lb.demo.lab.Lab;
import io.l4lb.demo.lab.LabVip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Connections over all VIPs of a lab that exchange lines all the time, each watched from both ends. */
public final class Checker implements AutoCloseable {
    private static final String PROGRAM = "io.l4lb.demo.client.CheckerProgram";
    private static final String PERIOD_MS = "500";
    private static final Duration POLL = Duration.ofMillis(50);

    private final int connections;
    private final Process process;
    private final Path output;

    private Checker(int connections, Process process, Path output) {
        this.connections = connections;
        this.process = process;
        this.output = output;
    }

    /**
     * Opens the connections; {@link EchoServers} must be there.
     *
     * @param patience how long an answer may take before a connection counts as broken
     */
    public static Checker start(Lab lab, int connections, Duration patience) throws IOException {
        Path output = lab.workDirectory().resolve("checker-" + System.nanoTime());
        List<String> arguments = new ArrayList<>(List.of(
                Integer.toString(connections),
                PERIOD_MS,
                Long.toString(patience.toMillis()),
                Integer.toString(EchoServers.L4_PORT)));
        lab.vips().stream().map(LabVip::address).forEach(arguments::add);
        Process process = lab.startProgram("client", output, PROGRAM, arguments.toArray(String[]::new));
        return new Checker(connections, process, output);
    }

    /** {@return how they are, as of a fifth of a second ago} */
    public CheckedState state() throws IOException {
        String text = Files.readString(output);
        return CheckedState.parse(
                text.substring(0, text.lastIndexOf('\n') + 1).lines().toList());
    }

    /** Waits until all connections have exchanged a line, and none is broken. */
    public CheckedState awaitEstablished(Duration limit) throws IOException, InterruptedException {
        CheckedState state = await(now -> now.proven() + now.broken().size() >= connections, limit);
        if (!state.broken().isEmpty()) {
            throw new IOException(state.broken().size() + " connections cannot be established: "
                    + state.broken().getFirst());
        }
        return state;
    }

    /** Waits until each connection has had an answer to a line sent at {@code since} or later, or is broken; {@return what is so then} */
    public CheckedState awaitVerdict(Instant since, Duration limit) throws IOException, InterruptedException {
        return await(
                now -> now.proven() + now.broken().size() >= connections
                        && (now.proven() == 0 || now.oldestMs() >= since.toEpochMilli()),
                limit);
    }

    private CheckedState await(Predicate<CheckedState> wanted, Duration limit)
            throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        CheckedState state = state();
        while (!wanted.test(state)) {
            if (!process.isAlive()) {
                throw new IOException(
                        "the checker has ended with exit code " + process.exitValue() + "; see " + output + ".log");
            }
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IOException("after " + limit.toSeconds() + " s the checker still says " + state);
            }
            Thread.sleep(POLL);
            state = state();
        }
        return state;
    }

    /** Ends all connections. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
