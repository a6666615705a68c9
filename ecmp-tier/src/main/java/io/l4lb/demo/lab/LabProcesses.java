package io.l4lb.demo.lab;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The processes of one lab, and the door that {@link #close} shuts: behind it nobody starts a process or makes a file,
 * or a removal of the lab would race with a run that is still at work. For any thread.
 *
 * <p>Each process has a session of its own: a Ctrl-C at the terminal reaches this JVM only, so what the run sees of it
 * is a closed lab and never a curl or a node that seems to have failed.
 */
final class LabProcesses {
    /** {@code lab.sh up} takes down again what it has built so far; a node detaches its XDP program. */
    private static final Duration END_LIMIT = Duration.ofSeconds(8);

    private final List<Process> processes = new ArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** Something that leaves files in the work directory, and is soon done. */
    @FunctionalInterface
    interface Writing<T> {
        T run() throws IOException;
    }

    Process start(ProcessBuilder builder) throws IOException {
        List<String> command = new ArrayList<>(builder.command());
        command.addFirst("setsid"); // becomes the command: no process in between, the id is the command's
        LabRequirements.withTools(builder).command(command);
        return whileOpen(() -> {
            Process process = builder.start();
            processes.removeIf(old -> !old.isAlive());
            processes.add(process);
            return process;
        });
    }

    /** A closing lab waits for the end of {@code writing}. */
    synchronized <T> T whileOpen(Writing<T> writing) throws IOException {
        check();
        return writing.run();
    }

    /** To be called after a wait for something that also ends when the lab is closed. */
    void check() throws LabClosedException {
        if (isClosed()) {
            throw new LabClosedException();
        }
    }

    boolean isClosed() {
        return closed.getCount() == 0;
    }

    boolean closesWithin(Duration limit) {
        try {
            return closed.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return isClosed();
        }
    }

    /** Shuts the door and ends all processes; they are asked first and killed when they take too long. */
    void close() throws InterruptedException {
        synchronized (this) {
            closed.countDown(); // nobody changes the list any more
        }
        processes.forEach(Process::destroy);
        long deadlineNs = System.nanoTime() + END_LIMIT.toNanos();
        for (Process process : processes) {
            if (!process.waitFor(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
