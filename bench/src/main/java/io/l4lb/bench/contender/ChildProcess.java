package io.l4lb.bench.contender;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A child of ours that is spoken to by lines. Killed with us; its standard error is kept for when it fails. One thread. */
public final class ChildProcess implements AutoCloseable {
    private static final int END_SECONDS = 20;
    private static final int ERROR_LINES = 15;

    private final String name;
    private final Path errors;
    private final Process process;
    private final BufferedReader output;
    private final BufferedWriter input;
    private final Consumer<String> chatter;
    private final Thread killer;

    /** Starts it; {@code chatter} gets the lines that nobody waits for. */
    public ChildProcess(String name, List<String> command, Consumer<String> chatter) {
        this.name = name;
        this.chatter = chatter;
        try {
            errors = Files.createTempFile("l4lb-bench-" + name, ".stderr");
            process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        } catch (IOException e) {
            throw new ContenderException("cannot start " + name + ": " + e.getMessage(), e);
        }
        output = process.inputReader(StandardCharsets.UTF_8);
        input = process.outputWriter(StandardCharsets.UTF_8);
        killer = Thread.ofPlatform().unstarted(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(killer);
    }

    long pid() {
        return process.pid();
    }

    /** Writes a line to its standard input. */
    public void say(String line) {
        try {
            input.write(line + "\n");
            input.flush();
        } catch (IOException e) {
            throw failed("does not listen", e);
        }
    }

    /** {@return the next line that is wanted} */
    public String await(Predicate<String> wanted) {
        try {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (wanted.test(line)) {
                    return line;
                }
                chatter.accept(line);
            }
        } catch (IOException e) {
            throw failed("cannot be heard", e);
        }
        throw failed("ended", null);
    }

    private ContenderException failed(String what, Throwable cause) {
        try {
            List<String> said = Files.readAllLines(errors, StandardCharsets.UTF_8);
            List<String> last = said.subList(Math.max(0, said.size() - ERROR_LINES), said.size());
            return new ContenderException(name + " " + what + "; it said:\n  " + String.join("\n  ", last), cause);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends its input, then waits; kills it when that is not enough. */
    @Override
    public void close() {
        try {
            input.close();
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Files.deleteIfExists(errors);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            process.destroyForcibly();
        } finally {
            Runtime.getRuntime().removeShutdownHook(killer);
        }
    }
}
