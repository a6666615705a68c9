package io.l4lb.peer.frame;

import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Frames until a peer takes them; of one thread. Holds one of the longest, or some shorter ones, and never more; takes memory as
 * they need it.
 */
public final class FrameOutput {
    private static final int FIRST_BYTES = 1 << 14;

    private int capacity;
    private ByteBuffer bytes;
    private final UnsafeBuffer view;

    public FrameOutput(int maxLength) {
        capacity = FrameDescriptor.UNCOUNTED_BYTES + maxLength;
        bytes = ByteBuffer.allocate(Math.min(capacity, FIRST_BYTES)).limit(0);
        view = new UnsafeBuffer(bytes.array());
    }

    /** Makes room for a longer frame; nothing may be pending. */
    public void allow(int maxLength) {
        if (bytes.hasRemaining()) {
            throw new IllegalStateException("something is pending");
        }
        capacity = FrameDescriptor.UNCOUNTED_BYTES + maxLength;
    }

    public boolean hasRoom(int payloadLength) {
        if (!bytes.hasRemaining()) {
            bytes.position(0).limit(0);
        }
        return capacity - bytes.limit() >= FrameDescriptor.PAYLOAD_OFFSET + payloadLength;
    }

    /** Appends a frame; there has to be room. {@return the offset in {@link #buffer} at which its payload goes} */
    public int append(int kind, int payloadLength) {
        int offset = bytes.limit();
        int end = offset + FrameDescriptor.PAYLOAD_OFFSET + payloadLength;
        if (end > bytes.capacity()) {
            makeRoom(Math.min(capacity, Math.max(end, 2 * bytes.capacity())));
        }
        bytes.limit(end);
        view.putInt(offset + FrameDescriptor.LENGTH_OFFSET, Byte.BYTES + payloadLength, FrameDescriptor.BYTE_ORDER);
        view.putByte(offset + FrameDescriptor.KIND_OFFSET, (byte) kind);
        return offset + FrameDescriptor.PAYLOAD_OFFSET;
    }

    private void makeRoom(int length) {
        ByteBuffer before = bytes;
        bytes = ByteBuffer.allocate(length).put(0, before, 0, before.limit()).position(before.position());
        view.wrap(bytes.array());
    }

    public MutableDirectBuffer buffer() {
        return view;
    }

    /** {@return what is to be sent; whoever sends it moves the position} */
    public ByteBuffer pending() {
        return bytes;
    }
}
