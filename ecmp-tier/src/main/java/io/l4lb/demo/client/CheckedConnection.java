package io.l4lb.demo.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A connection that is expected to live for ever: it learns from the greeting who serves it, then sends a numbered line each period
 * and demands that number back under the same label. One thread.
 */
final class CheckedConnection {
    private static final int LINE_MAX_BYTES = 256;

    private final int number;
    private final InetSocketAddress server;
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(LINE_MAX_BYTES);
    private String label = "";
    private String trouble = "";
    private long line;
    private boolean waiting;
    /** Of the line that is waited for. */
    private long sentMs;
    /** When the last line that was answered had been sent; 0: none yet. */
    private long provenMs;

    private CheckedConnection(int number, InetSocketAddress server, SocketChannel channel, long nowMs) {
        this.number = number;
        this.server = server;
        this.channel = channel;
        sentMs = nowMs;
        waiting = true; // for the greeting
    }

    static CheckedConnection open(int number, InetSocketAddress server, Selector selector, long nowMs)
            throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        CheckedConnection connection = new CheckedConnection(number, server, channel, nowMs);
        channel.register(selector, SelectionKey.OP_CONNECT, connection);
        try {
            channel.connect(server);
        } catch (IOException e) {
            connection.breaks(String.valueOf(e.getMessage()));
        }
        return connection;
    }

    /** What the selector found. */
    void handle(SelectionKey key) {
        try {
            if (key.isConnectable()) {
                channel.finishConnect();
                key.interestOps(SelectionKey.OP_READ);
            } else {
                read();
            }
        } catch (IOException e) {
            breaks(String.valueOf(e.getMessage()));
        }
    }

    private void read() throws IOException {
        int bytes = channel.read(in);
        if (bytes < 0) {
            breaks("end of the stream");
        } else if (!in.hasRemaining()) {
            breaks("an answer too long");
        } else if (bytes > 0 && in.get(in.position() - 1) == '\n') {
            String text = new String(in.array(), 0, in.position() - 1, StandardCharsets.US_ASCII);
            in.clear();
            heard(text);
        }
    }

    private void heard(String text) {
        waiting = false;
        if (label.isEmpty()) {
            label = text;
        } else if (text.equals(label + " " + line)) {
            provenMs = sentMs;
        } else {
            breaks("\"" + text + "\" in the place of \"" + label + " " + line + "\"");
        }
    }

    /** Sends when it is time, and gives up when the answer takes too long. */
    void tick(long nowMs, long periodMs, long patienceMs) {
        if (isBroken()) {
            return;
        }
        if (waiting && nowMs - sentMs > patienceMs) {
            breaks("no answer for " + (nowMs - sentMs) + " ms");
        } else if (!waiting && nowMs - sentMs >= periodMs) {
            send(nowMs);
        }
    }

    private void send(long nowMs) {
        try {
            line++;
            sentMs = nowMs;
            waiting = true;
            channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException e) {
            breaks(String.valueOf(e.getMessage()));
        }
    }

    private void breaks(String why) {
        trouble = why;
        try {
            channel.close();
        } catch (IOException _) {
            return; // it is over already
        }
    }

    boolean isBroken() {
        return !trouble.isEmpty();
    }

    /** {@return when the last line that was answered had been sent, wall clock; 0: none was yet} */
    long provenMs() {
        return provenMs;
    }

    /** {@return the name of the backend that greeted, if one did} */
    Optional<String> backend() {
        return label.isEmpty() ? Optional.empty() : Optional.of(label.substring(0, label.indexOf(' ')));
    }

    /** {@return what is to be said of a broken one} */
    CheckedBreak broken(long nowMs) {
        return new CheckedBreak(
                nowMs, number, server.getAddress().getHostAddress(), backend().orElse("none"), trouble);
    }
}
