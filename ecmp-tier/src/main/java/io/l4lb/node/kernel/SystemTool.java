package io.l4lb.node.kernel;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs {@code ip} and {@code bpftool}, each call for at most {@value #LIMIT_SECONDS} s. Any thread. */
final class SystemTool {
    private static final int LIMIT_SECONDS = 20;
    /** Routes of 100,000 backends, and some. */
    private static final int OUTPUT_BYTES_MAX = 64 << 20;
    /** Where bpftool is on Debian, which is not in everybody's PATH. */
    private static final String SBIN = "/usr/sbin";

    /**
     * What became of a call.
     *
     * @param output with the error messages in it
     */
    record Answer(List<String> command, int exitCode, String output) {
        /** {@return this, if the tool did what it was to do} */
        Answer orThrow(String what) {
            if (exitCode != 0) {
                throw new KernelException(
                        what + ": '" + String.join(" ", command) + "' says: " + firstLine(output.strip()));
            }
            return this;
        }

        private static String firstLine(String text) {
            return text.isEmpty() ? "nothing" : text.lines().findFirst().orElse(text);
        }

        /** {@return the objects of all JSON arrays and objects of the output, one a line} */
        List<Map<String, Object>> objects() {
            return output.lines()
                    .filter(line -> line.startsWith("[") || line.startsWith("{"))
                    .flatMap(this::objectsOf)
                    .map(SystemTool::fields)
                    .filter(fields -> !fields.isEmpty())
                    .toList();
        }

        private Stream<Object> objectsOf(String line) {
            try {
                Object value = JSON.std.anyFrom(line);
                return value instanceof List<?> list ? list.stream().map(Object.class::cast) : Stream.of(value);
            } catch (IOException e) {
                throw new KernelException("cannot read what '" + String.join(" ", command) + "' printed: " + line, e);
            }
        }
    }

    private SystemTool() {}

    static Answer run(String... command) {
        return run(List.of(command), List.of());
    }

    /** {@code input}: lines for the tool's standard input. */
    static Answer run(List<String> command, List<String> input) {
        try {
            Process process = start(command, !input.isEmpty());
            Thread.ofVirtual().start(() -> endInTime(process));
            if (!input.isEmpty()) {
                // its own thread: the tool may wait for its output to be read before it reads on
                Thread.ofVirtual().start(() -> write(process, input));
            }
            byte[] output = process.getInputStream().readNBytes(OUTPUT_BYTES_MAX);
            process.getInputStream().close();
            return new Answer(command, exitCode(process), new String(output, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new KernelException("cannot run '" + String.join(" ", command) + "': " + e.getMessage(), e);
        }
    }

    /** Starts a tool whose output, errors included, the caller reads. */
    static Process start(List<String> command, boolean withInput) throws IOException {
        List<String> found = new ArrayList<>(command);
        File inSbin = new File(SBIN, command.getFirst());
        if (inSbin.canExecute()) {
            found.set(0, inSbin.getPath());
        }
        ProcessBuilder builder = new ProcessBuilder(found).redirectErrorStream(true);
        if (!withInput) {
            builder.redirectInput(new File("/dev/null"));
        }
        return builder.start();
    }

    private static void write(Process process, List<String> input) {
        try (var writer = process.outputWriter(StandardCharsets.UTF_8)) {
            for (String line : input) {
                writer.write(line);
                writer.write('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a tool has ended before it read its input", e);
        }
    }

    private static void endInTime(Process process) {
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }

    private static int exitCode(Process process) {
        boolean interrupted = false;
        while (true) {
            try {
                int exitCode = process.waitFor(); // ends in time, see above
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
                return exitCode;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    private static Map<String, Object> fields(Object element) {
        Map<String, Object> fields = new HashMap<>();
        if (element instanceof Map<?, ?> map) {
            map.forEach((key, value) -> fields.put(String.valueOf(key), value));
        }
        return fields;
    }
}
