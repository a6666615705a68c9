package io.l4lb.health.probe;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A TCP server on loopback that does one thing to everybody who connects; closing ends it. */
public final class OddServer implements AutoCloseable {
    /** What is done with a connection. */
    public interface Manner {
        void serve(Socket socket, OutputStream out) throws IOException, InterruptedException;
    }

    private final ServerSocket listening;

    public OddServer(Manner manner) throws IOException {
        listening = new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
        Thread.ofVirtual().start(() -> {
            while (!listening.isClosed()) {
                try {
                    Socket socket = listening.accept();
                    Thread.ofVirtual().start(() -> serve(socket, manner));
                } catch (IOException _) {
                    return; // closed
                }
            }
        });
    }

    /** One that reads a request and says {@code text}. */
    public static OddServer saying(String text) throws IOException {
        return new OddServer((socket, out) -> {
            socket.getInputStream().read(new byte[4096]);
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        });
    }

    private static void serve(Socket socket, Manner manner) {
        try (socket) {
            manner.serve(socket, socket.getOutputStream());
        } catch (IOException _) {
            return; // the probe has had enough
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public int l4Port() {
        return listening.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
