package io.l4lb.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.l4lb.demo.lab.Lab;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The demo as a user meets it. */
class DemoIT {
    private static final int COLUMNS = 100;
    private static final int ENDED_BY_SIGTERM = 128 + 15;

    /** That the demo in this JVM makes: a demo that fails leaves its logs, to be quoted and removed here. */
    private final Lab lab = new Lab("l4lb-" + ProcessHandle.current().pid());

    @AfterEach
    void removeWhatAFailedDemoLeaves() {
        lab.close();
    }

    @BeforeEach
    void needsALab() {
        Optional<String> reason = Lab.unavailableReason();
        reason.ifPresent(text -> System.err.println("DemoIT is skipped: " + text));
        assumeTrue(reason.isEmpty(), () -> reason.orElseThrow());
    }

    @Test
    void succeedsInPlainTextOfAHundredColumnsAndLeavesNothingBehind() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int exitCode = Demo.run(new DemoOptions(false), new PrintStream(bytes, true, StandardCharsets.US_ASCII));
        String text = bytes.toString(StandardCharsets.US_ASCII);
        assertThat(exitCode).as(text + lab.endOfLogs()).isZero();
        assertThat(text).contains("  OK: ").doesNotContain("BAD", "?");
        assertThat(text.lines().filter(line -> !line.contains("lab.sh")))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(COLUMNS));
        assertNothingIsLeft(ProcessHandle.current().pid());
    }

    /** While the lab is built, nodes start, requests are made, downloads run. */
    @ParameterizedTest
    @ValueSource(strings = {"after kill -9", "node1 is starting", "node1 forwards", "requests per VIP", "one download"})
    void removesTheLabWhenItIsToldToEnd(String moment, @TempDir Path directory)
            throws IOException, InterruptedException {
        Path output = directory.resolve("demo.log");
        Process demo = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + Path.of(System.getProperty("l4lb.root"), "ecmp-tier/src/main/jvm/common.options"),
                        "-Dl4lb.root=" + System.getProperty("l4lb.root"),
                        "-Dl4lb.nativeDirectory=" + System.getProperty("l4lb.nativeDirectory"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        DemoProgram.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        while (demo.isAlive() && !Files.readString(output).contains(moment)) {
            Thread.sleep(50);
        }
        demo.destroy();
        boolean ended = demo.waitFor(30, TimeUnit.SECONDS);
        String text = Files.readString(output);
        assertThat(ended).as(text).isTrue();
        assertThat(demo.exitValue()).as(text).isEqualTo(ENDED_BY_SIGTERM);
        assertThat(text)
                .contains(moment)
                .endsWith("  interrupted; the lab is removed\n")
                .doesNotContain("FAILED", "logs", "Exception");
        assertNothingIsLeft(demo.pid());
    }

    private static void assertNothingIsLeft(long pid) throws IOException {
        Path names = Path.of("/run/netns");
        if (Files.isDirectory(names)) {
            try (var entries = Files.list(names)) {
                assertThat(entries.map(entry -> entry.getFileName().toString()))
                        .noneMatch(name -> name.startsWith("l4lb-" + pid + "-"));
            }
        }
        assertThat(Path.of("/run/l4lb-lab", "l4lb-" + pid)).doesNotExist();
    }
}
