package io.l4lb.peer.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** TCP as it is: whoever can connect is believed. */
public final class PlainLink implements Link {
    private final SocketChannel channel;

    /** Takes a connected, non-blocking channel over. */
    public PlainLink(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public boolean handshake() {
        return true;
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        return channel.read(to);
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        channel.write(from);
    }

    @Override
    public boolean flush() {
        return true;
    }

    @Override
    public boolean isOf(String nodeId) {
        return true;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // Closed is what it was to be, and nothing that was to be sent is lost by it.
            return;
        }
    }
}
