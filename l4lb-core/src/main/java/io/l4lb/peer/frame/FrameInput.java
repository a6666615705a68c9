package io.l4lb.peer.frame;

import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Bytes from a peer until they make a frame; of one thread. Holds one frame of the length that is allowed at present and never
 * more: a longer one is refused by its length, before its bytes are waited for. Takes memory as frames need it: most have some
 * hundred bytes, and a node has two sessions a peer.
 */
public final class FrameInput {
    /** A TLS record. */
    private static final int FIRST_BYTES = 1 << 14;

    private int maxLength;
    private ByteBuffer bytes;
    private UnsafeBuffer view;
    private int readFrom;
    private int frameLength;

    public FrameInput(int maxLength) {
        allow(maxLength);
    }

    /** Allows longer frames from now on. */
    public void allow(int length) {
        if (length > maxLength) {
            maxLength = length;
            makeRoom(FrameDescriptor.UNCOUNTED_BYTES + Math.min(length, FIRST_BYTES));
        }
    }

    private void makeRoom(int capacity) {
        ByteBuffer before = bytes;
        bytes = ByteBuffer.allocate(capacity);
        view = new UnsafeBuffer(bytes);
        if (before != null) {
            bytes.put(before.flip().position(readFrom));
            readFrom = 0;
        }
    }

    /** {@return where the next bytes go; has room for one at least, once {@link #next} has said that there is no frame} */
    public ByteBuffer room() {
        if (readFrom > 0) {
            bytes.flip().position(readFrom);
            bytes.compact();
            readFrom = 0;
        }
        return bytes;
    }

    /** Goes to the next whole frame. */
    public Outcome next() {
        readFrom += frameLength;
        frameLength = 0;
        int available = bytes.position() - readFrom;
        if (available < FrameDescriptor.UNCOUNTED_BYTES) {
            return Outcome.NONE;
        }
        int length = view.getInt(readFrom + FrameDescriptor.LENGTH_OFFSET, FrameDescriptor.BYTE_ORDER);
        if (length < Byte.BYTES || length > maxLength) {
            return Outcome.WRONG_LENGTH;
        }
        if (available < FrameDescriptor.UNCOUNTED_BYTES + length) {
            if (bytes.capacity() < FrameDescriptor.UNCOUNTED_BYTES + length) {
                makeRoom(FrameDescriptor.UNCOUNTED_BYTES + Math.min(maxLength, 2 * length));
            }
            return Outcome.NONE;
        }
        frameLength = FrameDescriptor.UNCOUNTED_BYTES + length;
        return Outcome.FRAME;
    }

    /** {@return what holds the frame} Valid until {@link #next}, {@link #room} or {@link #allow} is called. */
    public DirectBuffer buffer() {
        return view;
    }

    public int kind() {
        return view.getByte(readFrom + FrameDescriptor.KIND_OFFSET);
    }

    public int payloadOffset() {
        return readFrom + FrameDescriptor.PAYLOAD_OFFSET;
    }

    public int payloadLength() {
        return frameLength - FrameDescriptor.PAYLOAD_OFFSET;
    }

    /** What {@link #next} found. */
    public enum Outcome {
        FRAME,
        /** Not yet. */
        NONE,
        /** What comes is no frame that is allowed; there is no way to find the one behind it. */
        WRONG_LENGTH
    }
}
