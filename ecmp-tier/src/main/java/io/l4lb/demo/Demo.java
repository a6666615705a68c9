package io.l4lb.demo;

import com.fasterxml.jackson.jr.ob.JSON;
import io.l4lb.demo.lab.Lab;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;

/** The command {@code demo}. Needs root; {@link #unavailableReason} says so before. */
public final class Demo {
    private static final int DONE = 0;
    private static final int FAILED = 1;

    private Demo() {}

    /** {@return why the demo cannot run here, in one line; empty if it can} */
    public static Optional<String> unavailableReason() {
        return Lab.unavailableReason();
    }

    /**
     * Builds the lab, balances traffic, prints what happened, and removes the lab again, also when the JVM is told to
     * end meanwhile.
     *
     * @return the exit code: 0, or 1 if a request failed that should not have, or the lab could not be built
     */
    public static int run(DemoOptions options, PrintStream out) {
        Lab lab = new Lab("l4lb-" + ProcessHandle.current().pid());
        Thread whenKilled = new Thread(lab::close, "remove the lab");
        Runtime.getRuntime().addShutdownHook(whenKilled);
        try (lab) {
            return run(lab, options, out);
        } finally {
            forget(whenKilled);
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
            if (!lab.isClosed()) {
                failed(lab, new DemoText(options.json() ? System.err : out), e.getMessage());
            }
            return FAILED;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return FAILED;
        }
    }

    private static int failed(Lab lab, DemoText text) {
        lab.keepLogs();
        text.logsAre(lab.workDirectory());
        return FAILED;
    }

    private static void failed(Lab lab, DemoText text, String message) {
        text.broke(message);
        failed(lab, text);
    }

    private static void forget(Thread whenKilled) {
        try {
            Runtime.getRuntime().removeShutdownHook(whenKilled);
        } catch (IllegalStateException _) {
            return; // the JVM is ending, so the hook is at work already
        }
    }
}
