package io.l4lb.replay;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Captures made by hand, sound ones and others: the file formats once more, from their drafts. */
final class CaptureBytes {
    static final int MICROSECONDS = 0xa1b2c3d4;
    static final int NANOSECONDS = 0xa1b23c4d;
    static final int ETHERNET = 1;
    static final int SECONDS = 1_700_000_000;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ByteOrder order;

    private CaptureBytes(ByteOrder order) {
        this.order = order;
    }

    /** A classic capture's file header. */
    static CaptureBytes classic(ByteOrder order, int magic, int version, int linkType) {
        CaptureBytes capture = new CaptureBytes(order);
        byte[] header = new byte[24];
        capture.fields(header)
                .putInt(magic)
                .putShort((short) version)
                .putShort((short) 4)
                .putInt(16, 65_535)
                .putInt(20, linkType);
        capture.bytes.writeBytes(header);
        return capture;
    }

    static CaptureBytes classic() {
        return classic(ByteOrder.LITTLE_ENDIAN, MICROSECONDS, 2, ETHERNET);
    }

    /** A pcapng section. */
    static CaptureBytes ng(ByteOrder order) {
        CaptureBytes capture = new CaptureBytes(order);
        byte[] body = new byte[16];
        capture.fields(body).putInt(0x1a2b3c4d).putShort((short) 1).putLong(8, -1);
        return capture.block(0x0a0d0d0a, body);
    }

    static CaptureBytes ng() {
        return ng(ByteOrder.LITTLE_ENDIAN).ngInterface(ETHERNET, 65_535);
    }

    private ByteBuffer fields(byte... bytes) {
        return ByteBuffer.wrap(bytes).order(order);
    }

    CaptureBytes record(int seconds, int fraction, byte[] frame) {
        return record(seconds, fraction, frame.length, frame);
    }

    CaptureBytes record(int seconds, int fraction, int claimedBytes, byte[] frame) {
        byte[] header = new byte[16];
        fields(header).putInt(seconds).putInt(fraction).putInt(claimedBytes).putInt(claimedBytes);
        bytes.writeBytes(header);
        bytes.writeBytes(frame);
        return this;
    }

    CaptureBytes ngInterface(int linkType, int snapLength) {
        byte[] body = new byte[8];
        fields(body).putShort((short) linkType).putInt(4, snapLength);
        return block(1, body);
    }

    /** An enhanced packet of interface 0, its time in microseconds. */
    CaptureBytes enhanced(long timeMicros, byte[] frame) {
        return enhanced(timeMicros, frame.length, frame);
    }

    CaptureBytes enhanced(long timeMicros, int claimedBytes, byte[] frame) {
        byte[] body = new byte[20 + padded(frame)];
        fields(body)
                .putInt(0)
                .putInt((int) (timeMicros >>> 32))
                .putInt((int) timeMicros)
                .putInt(claimedBytes)
                .putInt(claimedBytes)
                .put(frame);
        return block(6, body);
    }

    private static int padded(byte... frame) {
        return (frame.length + 3) / 4 * 4;
    }

    CaptureBytes simple(byte[] frame) {
        byte[] body = new byte[4 + padded(frame)];
        fields(body).putInt(frame.length).put(frame);
        return block(3, body);
    }

    /** The packet block that the enhanced one has replaced. */
    CaptureBytes obsolete(long timeMicros, byte[] frame) {
        byte[] body = new byte[20 + padded(frame)];
        fields(body)
                .putInt(0)
                .putInt((int) (timeMicros >>> 32))
                .putInt((int) timeMicros)
                .putInt(frame.length)
                .putInt(frame.length)
                .put(frame);
        return block(2, body);
    }

    CaptureBytes comment(String text) {
        return block(0x0bad, Arrays.copyOf(text.getBytes(StandardCharsets.UTF_8), 40));
    }

    CaptureBytes block(int type, byte[] body) {
        return block(type, body.length + 12, body, body.length + 12);
    }

    CaptureBytes block(int type, int totalLength, byte[] body, int trailingLength) {
        byte[] block = new byte[body.length + 12];
        fields(block).putInt(type).putInt(totalLength).put(body).putInt(trailingLength);
        bytes.writeBytes(block);
        return this;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    byte[] cutBy(int lastBytes) {
        return Arrays.copyOf(bytes.toByteArray(), bytes.size() - lastBytes);
    }
}
