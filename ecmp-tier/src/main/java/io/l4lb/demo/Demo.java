package io.l4lb.demo;

import com.fasterxml.jackson.jr.ob.JSON;
import io.l4lb.demo.lab.Lab;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;

/** The command {@code demo}. Needs root; {@link #unavailableReason} says so before. */
public final class Demo {
    private static final int DONE = 0;
    private static final int FAILED = 1;

    /**
     * Ctrl-C also reaches a process that has been started this moment and has no session of its own yet. Its end looks
     * like a failure until this JVM has got the signal too, some milliseconds later.
     */
    private static final Duration SIGNAL_LIMIT = Duration.ofMillis(500);

    private Demo() {}

    /** {@return why the demo cannot run here, in one line; empty if it can} */
    public static Optional<String> unavailableReason() {
        return Lab.unavailableReason();
    }

    /**
     * Builds the lab, balances traffic, prints what happened, and removes the lab again, also when the JVM is told to
     * end meanwhile: then the exit code is the JVM's, 128 + the signal.
     *
     * @return the exit code: 0, or 1 if a request failed that should not have, or the lab could not be built
     */
    public static int run(DemoOptions options, PrintStream out) {
        Lab lab = new Lab("l4lb-" + ProcessHandle.current().pid());
        Thread whenKilled =
                new Thread(() -> removeInterrupted(lab, options.json() ? System.err : out), "remove the lab");
        Runtime.getRuntime().addShutdownHook(whenKilled);
        try (lab) {
            return run(lab, options, out);
        } finally {
            forget(whenKilled);
        }
    }

    /** The run may be anywhere; what it does from now on fails with the lab closed, and it says nothing more. */
    private static void removeInterrupted(Lab lab, PrintStream out) {
        boolean over = lab.isClosed();
        try {
            lab.close();
            if (!over) {
                new DemoText(out).interrupted();
            }
        } catch (UncheckedIOException e) {
            new DemoText(out).broke(e.getMessage());
        }
    }

    private static int run(Lab lab, DemoOptions options, PrintStream out) {
        DemoText text = new DemoText(options.json() ? new PrintStream(OutputStream.nullOutputStream()) : out);
        try {
            DemoReport report = new DemoRun(lab, text).run();
            text.summary(report);
            if (options.json()) {
                out.println(JSON.std.asString(report.toMap()));
            }
            return report.ok() ? DONE : failed(lab, text);
        } catch (IOException e) {
            return lab.closesWithin(SIGNAL_LIMIT)
                    ? FAILED
                    : failed(lab, new DemoText(options.json() ? System.err : out), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }

    private static int failed(Lab lab, DemoText text) {
        lab.keepLogs();
        if (Files.isDirectory(lab.workDirectory())) { // a lab that could not be built has removed itself
            text.logsAre(lab.workDirectory());
        }
        return FAILED;
    }

    private static int failed(Lab lab, DemoText text, String message) {
        text.broke(message);
        return failed(lab, text);
    }

    private static void forget(Thread whenKilled) {
        try {
            Runtime.getRuntime().removeShutdownHook(whenKilled);
        } catch (IllegalStateException _) {
            return; // the JVM is ending, so the hook is at work already
        }
    }
}
