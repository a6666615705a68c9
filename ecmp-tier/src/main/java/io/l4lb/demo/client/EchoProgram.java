package io.l4lb.demo.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;

/**
 * A server that labels each connection, one thread for all of them: it greets with the backend's name and a number of the
 * connection's own, and repeats both before each line that it sends back. A packet of a connection that was made elsewhere finds
 * no socket here, so the kernel answers RST. Until it is killed.
 */
final class EchoProgram {
    private static final int BACKLOG = 1024;
    private static final int LINE_MAX_BYTES = 64;
    private static final int ANSWER_MAX_BYTES = 256;

    private final Selector selector;
    private final String name;
    private final ByteBuffer out = ByteBuffer.allocate(ANSWER_MAX_BYTES);
    private long accepted;

    /** One connection, and as much of a line as has come. */
    private record Client(String label, ByteBuffer line) {}

    private EchoProgram(Selector selector, String name) {
        this.selector = selector;
        this.name = name;
    }

    /** The arguments: the backend's name, the L4 port. */
    public static void main(String[] arguments) throws IOException {
        try (Selector selector = Selector.open();
                ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(Integer.parseInt(arguments[1])), BACKLOG);
            server.configureBlocking(false);
            server.register(selector, SelectionKey.OP_ACCEPT);
            System.out.println("listens");
            System.out.flush();
            new EchoProgram(selector, arguments[0]).serve();
        }
    }

    private void serve() throws IOException {
        while (!Thread.currentThread().isInterrupted()) {
            selector.select();
            for (Iterator<SelectionKey> keys = selector.selectedKeys().iterator(); keys.hasNext(); keys.remove()) {
                SelectionKey key = keys.next();
                try {
                    handle(key);
                } catch (IOException _) { // the client has gone: the others stay
                    key.channel().close();
                }
            }
        }
    }

    private void handle(SelectionKey key) throws IOException {
        if (key.isAcceptable()) {
            accept((ServerSocketChannel) key.channel());
        } else {
            read((SocketChannel) key.channel(), (Client) key.attachment());
        }
    }

    private void accept(ServerSocketChannel server) throws IOException {
        SocketChannel channel = server.accept();
        if (channel == null) {
            return;
        }
        channel.configureBlocking(false);
        Client client = new Client(name + " " + accepted++, ByteBuffer.allocate(LINE_MAX_BYTES));
        channel.register(selector, SelectionKey.OP_READ, client);
        say(channel, client.label());
    }

    private void read(SocketChannel channel, Client client) throws IOException {
        ByteBuffer line = client.line();
        if (channel.read(line) < 0 || !line.hasRemaining()) {
            channel.close();
            return;
        }
        if (line.get(line.position() - 1) == '\n') { // a client waits for the answer before it says more
            line.flip();
            String text = StandardCharsets.US_ASCII.decode(line).toString();
            line.clear();
            say(channel, client.label() + " " + text.strip());
        }
    }

    private void say(SocketChannel channel, String text) throws IOException {
        out.clear()
                .put(text.getBytes(StandardCharsets.US_ASCII))
                .put((byte) '\n')
                .flip();
        channel.write(out);
        if (out.hasRemaining()) {
            channel.close(); // cannot be: there is room for far more than one answer
        }
    }
}
