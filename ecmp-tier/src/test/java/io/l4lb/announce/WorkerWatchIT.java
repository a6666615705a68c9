package io.l4lb.announce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The real watchdog over a worker that can be paused, in a namespace that goes with the process. Needs root. */
class WorkerWatchIT {
    private Process program;
    private BufferedReader lines;

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
        lines = new BufferedReader(new InputStreamReader(program.getInputStream(), StandardCharsets.US_ASCII));
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

    private void await(String text) throws IOException {
        StringBuilder said = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            said.append(line).append('\n');
            if (line.startsWith(text)) {
                return;
            }
        }
        throw new AssertionError("no \"" + text + "\" but:\n" + said);
    }

    @Test
    void aWorkerThatStandsStillTakesTheDeviceDownAndNobodyGetsItUpBeforeItGoesOn() throws IOException {
        tell('p');
        await("worker 1 stands still, up: false");
        tell('u');
        await("after going up, up: false");
        tell('m');
        await("all move, up: false");
        tell('u');
        await("after going up, up: true");
    }

    @Test
    void aFrozenProcessTakesItsDeviceDownAndAWatchdogThatIsKilledIsStartedAgain()
            throws IOException, InterruptedException {
        signal("STOP", program.pid());
        Thread.sleep(500);
        signal("CONT", program.pid());
        await("worker");
        await("all move, up: false");
        long watchdog = program.children().findFirst().orElseThrow().pid();
        signal("KILL", watchdog);
        while (program.children().map(ProcessHandle::pid).noneMatch(pid -> pid != watchdog)) {
            Thread.sleep(50);
        }
        tell('u');
        await("after going up, up: true");
        tell('p');
        await("worker 1 stands still, up: false");
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
