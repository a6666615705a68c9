package io.l4lb.announce.bird;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

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
    private final String path;

    /** @param path the folders to look in, as PATH has them */
    BirdPrograms(Path controlSocket, String path) {
        this.controlSocket = controlSocket;
        this.path = path;
    }

    /** {@return the user's PATH, and after it the system's folder} */
    static String searched() {
        String path = System.getenv().getOrDefault("PATH", "");
        return path.isEmpty() ? SYSTEM_FOLDER : path + File.pathSeparator + SYSTEM_FOLDER;
    }

    Answer ask(String command) throws IOException {
        return run(List.of("birdc", "-s", controlSocket.toString(), command));
    }

    Answer check(Path file) throws IOException {
        return run(List.of("bird", "-p", "-c", file.toString()));
    }

    /** @throws IOException when there is no such program, or it does not end */
    private Answer run(List<String> command) throws IOException {
        List<String> found = new ArrayList<>(command);
        found.set(
                0,
                find(command.getFirst(), path)
                        .orElseThrow(() -> new IOException("there is no program " + command.getFirst())));
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

    /** {@return the program's file, in the first folder of {@code path} that has it} */
    static Optional<String> find(String program, String path) {
        return Arrays.stream(path.split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> new File(folder, program))
                .filter(file -> file.isFile() && file.canExecute())
                .map(File::getPath)
                .findFirst();
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
