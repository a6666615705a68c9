package io.l4lb.bench.fuzz;

import io.l4lb.bench.rig.FuzzInput;
import io.l4lb.bench.rig.FuzzInput.Step;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Classic little-endian pcap with microseconds, as the golden cases have it, from and to the steps of an input. */
final class CaptureFile {
    private static final int MAGIC = 0xa1b2c3d4;
    private static final int FILE_HEADER_BYTES = 24;
    private static final int RECORD_HEADER_BYTES = 16;
    private static final long US_PER_SECOND = 1_000_000;
    private static final long NS_PER_US = 1_000;
    private static final int ETHERNET = 1;

    private CaptureFile() {}

    /** As it was captured. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Frame(long timeUs, byte[] bytes) {}

    /** {@return the frames as steps of an input, whose payload may be cut} */
    static List<Step> read(Path file) throws IOException {
        List<Step> steps = new ArrayList<>();
        long beforeUs = -1;
        for (Frame frame : frames(file)) {
            if (steps.size() < FuzzInput.STEPS_MAX) {
                steps.add(FuzzInput.seed(beforeUs < 0 ? 0 : (frame.timeUs() - beforeUs) * NS_PER_US, frame.bytes()));
            }
            beforeUs = frame.timeUs();
        }
        return steps;
    }

    static List<Frame> frames(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getInt(0) != MAGIC) {
            throw new IOException(file + " is no little-endian pcap with microseconds");
        }
        in.position(FILE_HEADER_BYTES);
        List<Frame> frames = new ArrayList<>();
        while (in.hasRemaining()) {
            long timeUs = in.getInt() * US_PER_SECOND + in.getInt();
            byte[] frame = new byte[in.getInt()];
            in.getInt();
            in.get(frame);
            frames.add(new Frame(timeUs, frame));
        }
        return frames;
    }

    static void write(FuzzInput input, Path file) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(buffer(FILE_HEADER_BYTES)
                .putInt(MAGIC)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(1 << 16)
                .putInt(ETHERNET)
                .array());
        long timeNs = US_PER_SECOND * NS_PER_US;
        for (Step step : input.steps()) {
            timeNs += step.gapNs();
            long timeUs = timeNs / NS_PER_US;
            byte[] frame = step.frame();
            out.writeBytes(buffer(RECORD_HEADER_BYTES)
                    .putInt((int) (timeUs / US_PER_SECOND))
                    .putInt((int) (timeUs % US_PER_SECOND))
                    .putInt(frame.length)
                    .putInt(frame.length)
                    .array());
            out.writeBytes(frame);
        }
        Files.write(file, out.toByteArray());
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
