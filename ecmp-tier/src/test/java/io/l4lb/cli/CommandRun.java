package io.l4lb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.l4lb.cli.usage.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One run of the command line and what came of it.
 *
 * <p>Surefire runs all test classes of this module in one JVM, and a process can start the EAL but once: whatever gets as
 * far as the EAL runs {@link #inChild}, with the launcher's options; all else {@link #here}.
 */
record CommandRun(int exitCode, String out, String err) {
    private static final int TIMEOUT_SECONDS = 60;
    private static final Path ROOT = Path.of(System.getProperty("l4lb.root"));
    private static final Path JVM_OPTIONS = ROOT.resolve("ecmp-tier/src/main/jvm");

    /** Runs the command line in this JVM. */
    static CommandRun here(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.run(strings(arguments), new PrintWriter(out, true), new PrintWriter(err, true));
        return new CommandRun(exitCode, out.toString(), err.toString());
    }

    /** Runs the command line as the launcher does, in a JVM of its own; {@code scratch} takes its output. */
    static CommandRun inChild(Path scratch, Object... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + JVM_OPTIONS.resolve("common.options"),
                "@" + JVM_OPTIONS.resolve("tool.options"),
                "-Dl4lb.root=" + ROOT,
                "-Dl4lb.nativeDirectory=" + System.getProperty("l4lb.nativeDirectory"),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(strings(arguments)));
        Path out = Files.createTempFile(scratch, "out", ".txt");
        Path err = Files.createTempFile(scratch, "err", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError(
                    "no end after " + TIMEOUT_SECONDS + " s: " + command + "\n" + Files.readString(err));
        }
        return new CommandRun(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static String[] strings(Object... arguments) {
        return List.of(arguments).stream().map(Object::toString).toArray(String[]::new);
    }

    /** Nothing on stderr, but for the progress that a busy machine lets a short replay show. */
    CommandRun succeeds() {
        assertThat(err.lines().filter(line -> !line.matches("replay: [0-9,]+ packets")))
                .isEmpty();
        assertThat(exitCode).isEqualTo(ExitCode.DONE);
        return this;
    }

    /** One line on stderr that holds {@code words}, nothing on stdout. */
    CommandRun failsWithOneLine(int expectedExitCode, String... words) {
        assertThat(err.lines()).as(err).hasSize(1);
        assertThat(err).contains(words);
        assertThat(out).isEmpty();
        assertThat(exitCode).isEqualTo(expectedExitCode);
        return this;
    }

    /** {@return stdout as the one JSON object that it must be} */
    Map<String, Object> json() throws IOException {
        return JSON.std.mapFrom(out);
    }
}
