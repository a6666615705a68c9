package io.l4lb.announce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The real watchdog over a worker that can be paused, in a namespace that goes with the process. Needs root. */
class WorkerWatchIT {
    private static final int PATIENCE_SECONDS = 30;
    private static final int TRIES = 20;

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private Process program;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        boolean root = new ProcessBuilder("unshare", "-n", "true").start().waitFor() == 0;
        if (!root) {
            System.err.println("WorkerWatchIT is skipped: it needs root");
        }
        assumeTrue(root, "needs root");
        program = new ProcessBuilder(
                        "unshare",
                        "-n",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + Path.of(System.getProperty("l4lb.root"), "ecmp-tier/src/main/jvm/common.options"),
                        "-XX:+UseSerialGC",
                        "-Xmx64m",
                        "-Dl4lb.nativeDirectory=" + System.getProperty("l4lb.nativeDirectory"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        WatchdogProgram.class.getName(),
                        "l4lb-watched")
                .redirectErrorStream(true)
                .start();
        Thread.ofPlatform()
                .daemon()
                .start(() ->
                        program.inputReader(StandardCharsets.US_ASCII).lines().forEach(lines::add));
        await("ready");
    }

    @AfterEach
    void end() throws InterruptedException {
        if (program != null) {
            program.destroyForcibly().waitFor();
        }
    }

    private void tell(char command) throws IOException {
        OutputStream input = program.getOutputStream();
        input.write(command);
        input.flush();
    }

    /** Waits with a bound: a program that says something else, or nothing, must not hold up the whole run. */
    private String await(String pattern) throws InterruptedException {
        List<String> said = new ArrayList<>();
        for (String line = poll(); line != null; line = poll()) {
            said.add(line);
            if (line.matches(pattern)) {
                return line;
            }
        }
        throw new AssertionError("no \"" + pattern + "\" within " + PATIENCE_SECONDS + " s, but: " + said);
    }

    private String poll() throws InterruptedException {
        return lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** A busy machine may hold the "workers" up for 50 ms, and then the watchdog is right to take the device down again. */
    private void comesUpAndStaysUp() throws IOException, InterruptedException {
        for (int i = 0; i < TRIES; i++) {
            tell('u');
            if (await("after going up, up: .*").endsWith("true")) {
                return;
            }
        }
        throw new AssertionError("taken down again " + TRIES + " times");
    }

    @Test
    void aWorkerThatStandsStillTakesTheDeviceDownAndNobodyGetsItUpBeforeItGoesOn()
            throws IOException, InterruptedException {
        tell('p');
        await("worker . stands still, up: false");
        tell('u');
        await("after going up, up: false");
        tell('m');
        await("all move, up: false");
        comesUpAndStaysUp();
    }

    @Test
    void aFrozenProcessTakesItsDeviceDownAndAWatchdogThatIsKilledIsStartedAgain()
            throws IOException, InterruptedException {
        signal("STOP", program.pid());
        Thread.sleep(500);
        signal("CONT", program.pid());
        await("worker .*");
        await("all move, up: false");
        long watchdog = program.children().findFirst().orElseThrow().pid();
        signal("KILL", watchdog);
        while (program.children().map(ProcessHandle::pid).noneMatch(pid -> pid != watchdog)) {
            Thread.sleep(50);
        }
        comesUpAndStaysUp();
        tell('p');
        await("worker . stands still, up: false");
        program.destroyForcibly().waitFor();
        assertThat(program.children().filter(ProcessHandle::isAlive)).isEmpty();
    }

    private static void signal(String signal, long pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                        .start()
                        .waitFor())
                .isZero();
    }
}
