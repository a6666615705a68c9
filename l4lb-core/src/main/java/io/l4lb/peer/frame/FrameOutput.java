package io.l4lb.peer.frame;

import java.nio.ByteBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Frames until a peer takes them; of one thread. Holds one of the longest, or some shorter ones, and never more. */
public final class FrameOutput {
    private ByteBuffer bytes;
    private UnsafeBuffer view;

    public FrameOutput(int maxLength) {
        bytes = ByteBuffer.allocate(FrameDescriptor.UNCOUNTED_BYTES + maxLength).limit(0);
        view = new UnsafeBuffer(bytes.array());
    }

    /** Makes room for a longer frame; nothing may be pending. */
    public void allow(int maxLength) {
        if (bytes.hasRemaining()) {
            throw new IllegalStateException("something is pending");
        }
        bytes = ByteBuffer.allocate(FrameDescriptor.UNCOUNTED_BYTES + maxLength).limit(0);
        view = new UnsafeBuffer(bytes.array());
    }

    public boolean hasRoom(int payloadLength) {
        if (!bytes.hasRemaining()) {
            bytes.position(0).limit(0);
        }
        return bytes.capacity() - bytes.limit() >= FrameDescriptor.PAYLOAD_OFFSET + payloadLength;
    }

    /** Appends a frame; there has to be room. {@return the offset in {@link #buffer} at which its payload goes} */
    public int append(int kind, int payloadLength) {
        int offset = bytes.limit();
        bytes.limit(offset + FrameDescriptor.PAYLOAD_OFFSET + payloadLength);
        view.putInt(offset + FrameDescriptor.LENGTH_OFFSET, Byte.BYTES + payloadLength, FrameDescriptor.BYTE_ORDER);
        view.putByte(offset + FrameDescriptor.KIND_OFFSET, (byte) kind);
        return offset + FrameDescriptor.PAYLOAD_OFFSET;
    }

    public MutableDirectBuffer buffer() {
        return view;
    }

    /** {@return what is to be sent; whoever sends it moves the position} */
    public ByteBuffer pending() {
        return bytes;
    }
}
