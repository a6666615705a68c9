package io.l4lb.demo.wire;

import io.l4lb.demo.lab.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A process of ngtcp2's client in the lab's client namespace, with one connection and one request, and what the server has answered so
 * far. A second after the handshake it goes on from another L4 port, as if it did not know: its connection ID stays, and what the server
 * sends to the old port is lost. The request comes a second later.
 */
final class QuicClient {
    private static final String PROGRAM = "gtlsclient";

    /** A broken connection ends after so long a silence; a whole one hears something each tenth of a second. */
    private static final String IDLE = "10s";

    private static final int LIMIT_SECONDS = 120;

    private final Path folder;

    private QuicClient(Path folder) {
        this.folder = folder;
    }

    /** {@return why none can be started here} */
    static Optional<String> unavailableReason() {
        try {
            int exitCode = new ProcessBuilder(PROGRAM, "--help")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            return exitCode == 0 ? Optional.empty() : Optional.of(PROGRAM + " does not run");
        } catch (IOException e) {
            return Optional.of(PROGRAM + " (ngtcp2-client) is not installed: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }

    /** Ends with the lab. */
    static QuicClient start(Lab lab, Path folder, String vip, int l4Port) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        String host = vip.contains(":") ? "[" + vip + "]" : vip;
        String command = String.join(
                " ",
                List.of(
                        "timeout " + LIMIT_SECONDS,
                        PROGRAM,
                        "--quiet --no-quic-dump --no-http-dump --exit-on-all-streams-close",
                        "--timeout=" + IDLE,
                        "--change-local-addr=1s --nat-rebinding --delay-stream=2s",
                        "--download=" + folder,
                        vip + " " + l4Port,
                        "'https://" + host + ":" + l4Port + "/lines'",
                        "> " + folder.resolve("log") + " 2>&1 < /dev/null"));
        lab.runIn("client", "sh", "-c", "(" + command + "; echo $? > " + folder.resolve("exit") + ") &");
        return new QuicClient(folder);
    }

    /** {@return whole lines; none before the first one} */
    private List<String> lines() {
        Path file = folder.resolve("lines");
        try {
            String text = Files.exists(file) ? Files.readString(file) : "";
            return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return how many L4 ports of the client the server has seen} */
    long l4Ports() {
        return lines().stream()
                .filter(line -> !line.equals(QuicServerProgram.END))
                .map(line -> line.split(" ", 2)[1])
                .distinct()
                .count();
    }

    /** {@return the name in the first line; of one connection all lines are of one server, nobody else has its keys} */
    String backend() {
        return lines().getFirst().split(" ", 2)[0];
    }

    boolean ended() {
        return Files.exists(folder.resolve("exit"));
    }

    /** {@return whether the answer came to its end} */
    boolean whole() {
        List<String> lines = lines();
        return !lines.isEmpty() && lines.getLast().equals(QuicServerProgram.END);
    }

    @Override
    public String toString() {
        return folder.getFileName() + " (" + l4Ports() + " ports)";
    }
}
