package io.l4lb.cli.control;

import com.fasterxml.jackson.jr.ob.JSON;
import io.l4lb.cli.usage.NodeFailedException;
import io.l4lb.cli.usage.WrongUseException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One request a connection to a node's admin API: HTTP/1.1 over the socket in its state directory. */
public final class AdminClient {
    /** As the node names it; this side is a program of its own and may be of another version. */
    static final String SOCKET_NAME = "admin.sock";

    private static final int DONE = 200;
    private static final int WRONG_USE = 400;
    private static final int NOT_FOUND = 404;
    private static final int REFUSED = 409;

    private final Path stateDirectory;

    AdminClient(Path stateDirectory) {
        this.stateDirectory = stateDirectory;
    }

    public Map<String, Object> get(String path) {
        return send("GET", path, "");
    }

    Map<String, Object> post(String path, Map<String, Object> body) {
        try {
            return send("POST", path, JSON.std.asString(body));
        } catch (IOException e) {
            throw new NodeFailedException("the request cannot be written: " + e.getMessage());
        }
    }

    /**
     * {@return the node's answer}
     *
     * @throws WrongUseException when the node says that the request is wrong
     * @throws NodeFailedException when there is no node, or it cannot do it
     */
    private Map<String, Object> send(String method, String path, String body) {
        Path socket = stateDirectory.resolve(SOCKET_NAME);
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connect(channel, socket);
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            String head =
                    method + " " + path + " HTTP/1.1\r\nHost: l4lb\r\nContent-Length: " + bytes.length + "\r\n\r\n";
            write(channel, ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
            write(channel, ByteBuffer.wrap(bytes));
            return answer(Channels.newInputStream(channel));
        } catch (IOException e) {
            throw new NodeFailedException("the node with state directory " + stateDirectory
                    + " does not answer as it should: " + e.getMessage());
        }
    }

    private void connect(SocketChannel channel, Path socket) {
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (AccessDeniedException e) {
            throw new NodeFailedException(
                    "no permission for " + socket + ": run this as the user of the node, or as root");
        } catch (IOException e) {
            String hint = Files.isReadable(stateDirectory) || Files.notExists(stateDirectory)
                    ? ""
                    : "; or there is no permission to see it: run this as the user of the node, or as root";
            throw new NodeFailedException("no node is running with state directory " + stateDirectory + hint);
        }
    }

    private static void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static Map<String, Object> answer(InputStream in) throws IOException {
        String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0 || !text.matches("(?s)HTTP/1\\.1 [0-9]{3} .*")) {
            throw new IOException(text.isEmpty() ? "it has closed the connection" : "not an HTTP answer");
        }
        int status = Integer.parseInt(text.substring(9, 12));
        Map<String, Object> document = JSON.std.mapFrom(text.substring(end + 4));
        if (status == DONE) {
            return document;
        }
        String message = Stream.concat(lines(document.get("faults")), Stream.of(String.valueOf(document.get("error"))))
                .collect(Collectors.joining(System.lineSeparator()));
        boolean wrongUse =
                status == WRONG_USE || status == NOT_FOUND || (status == REFUSED && document.containsKey("faults"));
        throw wrongUse ? new WrongUseException(message) : new NodeFailedException(message);
    }

    private static Stream<String> lines(Object faults) {
        return faults instanceof List<?> list ? list.stream().map(String::valueOf) : Stream.empty();
    }
}
