package io.l4lb.node.admin;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers one request a connection, each on a virtual thread of its own; at most {@value #CONNECTIONS_MAX} at a time, none
 * longer than {@link #CONNECTION_LIMIT}. Only the owner of the socket file (and root) may connect.
 */
public final class AdminServer implements AutoCloseable {
    /** In the state directory. */
    public static final String SOCKET_NAME = "admin.sock";

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final int CONNECTIONS_MAX = 16;
    private static final Duration CONNECTION_LIMIT = Duration.ofSeconds(60);
    /** {@code sun_path} of Linux, without the final 0. */
    private static final int PATH_BYTES_MAX = 107;

    private final Path socket;
    private final ServerSocketChannel server;
    private final Function<AdminRequest, Map<String, Object>> routes;
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;

    private AdminServer(Path socket, ServerSocketChannel server, AdminRoutes routes) {
        this.socket = socket;
        this.server = server;
        this.routes = routes::answer;
        this.acceptor = Thread.ofPlatform().daemon().name("admin").start(this::accept);
    }

    /**
     * Listens in that directory, which nobody else uses. A socket that a killed process has left is replaced.
     *
     * @throws IOException when that cannot be done, with a message for the operator
     */
    public static AdminServer open(Path stateDirectory, AdminRoutes routes) throws IOException {
        Path socket = stateDirectory.resolve(SOCKET_NAME);
        int lengthBytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (lengthBytes > PATH_BYTES_MAX) {
            throw new IOException(
                    "node.stateDirectory " + stateDirectory + " is too long: the path of a socket may have "
                            + PATH_BYTES_MAX + " bytes, that of " + SOCKET_NAME + " has " + lengthBytes);
        }
        Files.deleteIfExists(socket);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(socket));
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
            AdminServer admin = new AdminServer(socket, server, routes);
            admin.tryItself();
            return admin;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /**
     * A request that changes nothing (there is no such backend), with a body: says early that the API does not answer, and
     * has its classes loaded before an operator wants a drain at once (in the lab 94 and 208 ms without, 41 ms with it).
     */
    private void tryItself() {
        byte[] body = "{\"backend\": \"/\"}".getBytes(StandardCharsets.US_ASCII);
        String head = "POST /v1/drain HTTP/1.1\r\nContent-Length: " + body.length + "\r\n\r\n";
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            write(channel, ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
            write(channel, ByteBuffer.wrap(body));
            if (Channels.newInputStream(channel).readAllBytes().length == 0) {
                throw new IOException("no answer");
            }
        } catch (IOException e) {
            LOG.error("the admin API does not answer on {}: {}", socket, e.toString());
        }
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel connection = server.accept();
                connections.add(connection);
                Thread.ofVirtual().name("admin-connection").start(() -> serve(connection));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("the admin API cannot accept a connection: {}", e.toString());
                pause();
            }
        }
    }

    /** No file descriptors, say: it must not become a busy loop. */
    private static void pause() {
        try {
            Thread.sleep(Duration.ofMillis(100));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(SocketChannel connection) {
        Thread limit = Thread.ofVirtual().start(() -> closeAfterLimit(connection));
        try (connection) {
            Answer answer = connections.size() > CONNECTIONS_MAX
                    ? failure(new AdminException(AdminException.TOO_MANY, "too many connections at a time"))
                    : answer(connection);
            write(connection, answer);
        } catch (IOException e) {
            LOG.debug("a connection to the admin API broke: {}", e.toString());
        } finally {
            connections.remove(connection);
            limit.interrupt();
        }
    }

    private static void closeAfterLimit(SocketChannel connection) {
        try {
            Thread.sleep(CONNECTION_LIMIT);
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it was served in time
        } catch (IOException e) {
            LOG.debug("a connection to the admin API could not be closed: {}", e.toString());
        }
    }

    private record Answer(int status, Map<String, Object> document) {}

    private Answer answer(SocketChannel connection) throws IOException {
        try {
            Optional<AdminRequest> request =
                    AdminRequest.read(new BufferedInputStream(Channels.newInputStream(connection)));
            return request.isPresent() ? new Answer(200, routes.apply(request.get())) : new Answer(400, Map.of());
        } catch (AdminException e) {
            return failure(e);
        } catch (RuntimeException e) {
            LOG.error("a request to the admin API failed", e);
            return failure(new AdminException(AdminException.FAILED, "failed, see the node's log: " + e));
        }
    }

    private static Answer failure(AdminException e) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("error", e.getMessage());
        if (!e.faults().isEmpty()) {
            document.put("faults", e.faults());
        }
        return new Answer(e.status(), document);
    }

    private static void write(SocketChannel connection, Answer answer) throws IOException {
        byte[] body = (JSON.std.asString(answer.document) + "\n").getBytes(StandardCharsets.UTF_8);
        String head = "HTTP/1.1 " + answer.status + " " + (answer.status == 200 ? "OK" : "Error")
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length
                + "\r\nConnection: close\r\n\r\n";
        write(connection, ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
        write(connection, ByteBuffer.wrap(body));
    }

    private static void write(SocketChannel connection, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            connection.write(bytes);
        }
    }

    /** Ends listening and all connections. */
    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel connection : connections) {
            connection.close();
        }
        boolean interrupted = false;
        while (acceptor.isAlive()) {
            try {
                acceptor.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        Files.deleteIfExists(socket);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
