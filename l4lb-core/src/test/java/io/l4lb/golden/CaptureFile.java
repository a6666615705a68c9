package io.l4lb.golden;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Reads a classic little-endian microsecond pcap whole; a second reader, so that ours is not checked by itself. */
final class CaptureFile {
    private static final int MAGIC = 0xA1B2C3D4;
    private static final int FILE_HEADER_BYTES = 24;
    private static final long MICROS_PER_SECOND = 1_000_000;

    private CaptureFile() {}

    /** One frame; its text is what a failed comparison prints. */
    static final class Frame {
        private final long timeUs;
        private final byte[] bytes;

        Frame(long timeUs, byte[] bytes) {
            this.timeUs = timeUs;
            this.bytes = bytes;
        }

        long timeUs() {
            return timeUs;
        }

        byte[] bytes() {
            return bytes;
        }

        String text() {
            return timeUs + " " + HexFormat.of().formatHex(bytes);
        }
    }

    static List<Frame> read(Path file) throws IOException {
        ByteBuffer data = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (data.remaining() < FILE_HEADER_BYTES || data.getInt(0) != MAGIC) {
            throw new IOException(file + " is not a little-endian microsecond pcap");
        }
        data.position(FILE_HEADER_BYTES);
        List<Frame> frames = new ArrayList<>();
        while (data.hasRemaining()) {
            long timeUs = data.getInt() * MICROS_PER_SECOND + data.getInt();
            byte[] bytes = new byte[data.getInt()];
            data.getInt();
            data.get(bytes);
            frames.add(new Frame(timeUs, bytes));
        }
        return frames;
    }
}
