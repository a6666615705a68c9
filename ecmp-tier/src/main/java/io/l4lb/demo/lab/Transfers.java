package io.l4lb.demo.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** HTTP requests that one curl process is making, each over a connection of its own, many at a time. */
public final class Transfers {
    private final LabProcesses processes;
    private final Process curl;
    private final Path output;
    private final List<String> urls;

    private Transfers(LabProcesses processes, Process curl, Path output, List<String> urls) {
        this.processes = processes;
        this.curl = curl;
        this.output = output;
        this.urls = urls;
    }

    /** {@code command} begins with what enters the client's namespace; {@code directory} is for curl's files. */
    static Transfers start(LabProcesses processes, List<String> command, Path directory, List<String> urls)
            throws IOException {
        Path requests = processes.whileOpen(() -> writeRequests(directory, urls));
        Path output = processes.whileOpen(() -> Files.createTempFile(directory, "curl", ".transfers"));
        Process curl = processes.start(new ProcessBuilder(command)
                .redirectInput(requests.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(output.toFile()));
        return new Transfers(processes, curl, output, urls);
    }

    private static Path writeRequests(Path directory, List<String> urls) throws IOException {
        StringBuilder lines = new StringBuilder(1024);
        for (String url : urls) {
            lines.append("url = \"").append(url).append("\"\noutput = \"/dev/null\"\n");
        }
        return Files.writeString(Files.createTempFile(directory, "curl", ".requests"), lines);
    }

    /** The arguments of curl: no connection is used twice, so that each request is a flow of its own. */
    static List<String> arguments(int atOnce, Duration limit) {
        return List.of(
                "curl",
                "--silent",
                "--no-progress-meter",
                "--globoff",
                "--http1.1",
                "--header",
                "Connection: close",
                "--parallel",
                "--parallel-immediate",
                "--parallel-max",
                Integer.toString(atOnce),
                "--connect-timeout",
                "5",
                "--max-time",
                Long.toString(limit.toSeconds()),
                "--write-out",
                Transfer.FORMAT,
                "--config",
                "-");
    }

    /** {@return what has ended so far} */
    public List<Transfer> endedSoFar() throws IOException {
        String text = Files.readString(output);
        return Transfer.parseAll(
                text.substring(0, text.lastIndexOf('\n') + 1).lines().toList());
    }

    /** {@return all of them, when the last has ended}; what has not ended within the limit has failed. */
    public List<Transfer> await(Duration limit) throws IOException, InterruptedException {
        if (!curl.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            curl.destroyForcibly().waitFor();
        }
        processes.check();
        List<Transfer> all = new ArrayList<>(endedSoFar());
        List<String> missing = new ArrayList<>(urls);
        all.forEach(transfer -> missing.remove(transfer.url()));
        missing.forEach(url -> all.add(Transfer.notEnded(url)));
        return all;
    }
}
