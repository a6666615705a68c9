package io.l4lb.announce.bird;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The programs {@code bird} and {@code birdc}, with a limit to how long and how much they may answer. */
final class BirdPrograms {
    /** A daemon that is stopped accepts a connection and never answers. */
    private static final long LIMIT_MS = 2000;

    private static final int ANSWER_BYTES_MAX = 1 << 20;
    /** Where Debian puts them; a user's PATH may lack it. */
    private static final String SYSTEM_FOLDER = "/usr/sbin";

    /** What a program said, standard output and error together. */
    record Answer(int exitCode, String text) {
        boolean ok() {
            return exitCode == 0;
        }

        /** {@return the last line, where the reason stands} */
        String lastLine() {
            return text.strip().lines().reduce("", (_, line) -> line);
        }
    }

    private final Path controlSocket;

    BirdPrograms(Path controlSocket) {
        this.controlSocket = controlSocket;
    }

    Answer ask(String command) throws IOException {
        return run(List.of("birdc", "-s", controlSocket.toString(), command));
    }

    Answer version() throws IOException {
        return run(List.of("bird", "--version"));
    }

    Answer check(Path file) throws IOException {
        return run(List.of("bird", "-p", "-c", file.toString()));
    }

    /** @throws IOException when there is no such program, or it does not end */
    private static Answer run(List<String> command) throws IOException {
        List<String> found = new ArrayList<>(command);
        found.set(0, find(command.getFirst(), System.getenv().getOrDefault("PATH", "")));
        Process process = new ProcessBuilder(found).redirectErrorStream(true).start();
        // ends a program that hangs, and so the reading of what it says
        Thread limit = Thread.ofVirtual().start(() -> endLate(process));
        try {
            process.getOutputStream().close();
            byte[] said = process.getInputStream().readNBytes(ANSWER_BYTES_MAX);
            if (!process.waitFor(LIMIT_MS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
            int exitCode = process.waitFor();
            return new Answer(exitCode, new String(said, StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            limit.interrupt();
        }
    }

    /** {@return the program's file; its mere name if there is none} */
    static String find(String program, String path) {
        return Stream.concat(Arrays.stream(path.split(File.pathSeparator, -1)), Stream.of(SYSTEM_FOLDER))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> new File(folder, program))
                .filter(file -> file.isFile() && file.canExecute())
                .map(File::getPath)
                .findFirst()
                .orElse(program);
    }

    private static void endLate(Process process) {
        try {
            if (!process.waitFor(LIMIT_MS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
