package io.l4lb.peer.link;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A connection to a peer that never blocks; of one thread. */
public interface Link extends AutoCloseable {
    /** Goes on with what comes before the first byte. {@return whether that is done} */
    boolean handshake() throws IOException;

    /** {@return bytes read; 0: nothing at present; -1: the peer has closed} */
    int read(ByteBuffer to) throws IOException;

    /** Sends what can be sent now, and moves the position of {@code from} behind what was taken. */
    void write(ByteBuffer from) throws IOException;

    /** {@return whether all that was written is with the kernel} */
    boolean flush() throws IOException;

    /** {@return whether the peer has shown that it is {@code nodeId}, or need not; asked after the handshake} */
    boolean isOf(String nodeId);

    @Override
    void close();
}
