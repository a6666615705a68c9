package io.l4lb.announce;

import io.l4lb.dpdk.SharedMemory;
import io.l4lb.dpdk.binding.NativeLibrary;
import io.l4lb.logging.OnceAMinute;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process {@code l4lb-watchdog} and a thread that listens to it. It takes the tun device down when a worker's loop stands
 * still for longer than {@code announce.stallMs}, whatever the reason: a fault in the loop, a pause of the JVM, SIGSTOP. A
 * watchdog that ends is started again.
 */
public final class WorkerWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerWatch.class);
    private static final String PROGRAM = "l4lb-watchdog";
    private static final int RESTART_SECONDS = 1;

    private final List<String> command;
    private final Consumer<Optional<String>> stalls;
    private final Thread thread = new Thread(this::run, "watchdog-listener");
    private final StallLog stallLog = new StallLog(System::nanoTime, LOG::error, LOG::warn);
    private final OnceAMinute missing = new OnceAMinute(System::nanoTime);
    private volatile Process process;
    private volatile boolean closed;
    private volatile String state = "starting";

    /**
     * @param progress a cell of {@link WorkerProgress} for each worker
     * @param stalls told why when a worker stands still, and with nothing when all go on again
     */
    public WorkerWatch(
            String interfaceName, int stallMs, SharedMemory progress, int workers, Consumer<Optional<String>> stalls) {
        Path program = Path.of(System.getProperty(NativeLibrary.DIRECTORY_PROPERTY, ""), PROGRAM);
        this.command = List.of(
                program.toString(),
                interfaceName,
                Integer.toString(stallMs),
                progress.path(),
                Integer.toString(workers));
        this.stalls = stalls;
    }

    /** The workers must be polling: a loop that has not begun stands still. */
    public void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** {@return what it sees, in words} */
    public String state() {
        return state;
    }

    private void run() {
        while (!closed) {
            try {
                listen();
            } catch (IOException e) {
                state = "does not run: " + e.getMessage();
            }
            if (!closed) {
                missing.say("the watchdog over the workers " + state + "; started again every second", LOG::error);
                pause();
            }
        }
    }

    private void listen() throws IOException {
        Process started = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        process = started;
        if (closed) {
            started.getOutputStream().close();
        }
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                hear(line);
            }
        }
        state = "has ended";
    }

    private void hear(String line) {
        switch (line) {
            case "watching" -> { // a new one: what its predecessor saw is seen again, or is over
                state = "watching";
                missing.over("the watchdog over the workers watches again", LOG::info);
                stalls.accept(Optional.empty());
            }
            case "moving" -> {
                state = "watching";
                stallLog.moving();
                stalls.accept(Optional.empty());
            }
            default -> {
                state = "worker " + line.replaceFirst("stalled ", "") + " stands still";
                stallLog.stalled(state);
                stalls.accept(Optional.of(state));
            }
        }
    }

    private void pause() {
        try {
            TimeUnit.SECONDS.sleep(RESTART_SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the process; to be done before the workers stop. */
    @Override
    public void close() {
        closed = true;
        Process last = process;
        if (last != null) {
            try {
                last.getOutputStream().close(); // by which it knows
            } catch (IOException _) {
                last.destroyForcibly();
            }
        }
    }
}
