package io.l4lb.bench.rig;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One input as the fuzzer has it, bytes, and as a worker meets it, frames with times between them. Every sequence of bytes is an input,
 * and bytes put into a frame or taken out leave the other frames as they are:
 *
 * <pre>
 *  0  site      1  low 7 bits: which; high bit: frames stand at the beginning of their memory, not at its end
 *  1  step         until the next mark, or the end
 *     +0  gap     1  time since the frame before, an index of {@link #GAPS_NS}; 0: in the same burst
 *     +1  kind    1  high bit: lengths in the headers are made to fit; the rest: {@link Trouble} by its ordinal
 *     +2  rest    2  little-endian; bytes that follow the head, whose values mean nothing
 *     +4  head       the frame's first bytes
 *    mark         4  between two steps
 * </pre>
 */
public record FuzzInput(int site, boolean atStart, List<Step> steps) {
    public static final int STEPS_MAX = 64;
    static final int FRAME_BYTES_MAX = 9216 + 64;
    /** Unlikely in a frame; the fuzzer's dictionary has it. */
    private static final byte[] MARK = {0x5a, (byte) 0xc3, (byte) 0x96, 0x0f};

    /** From one burst to what ends the longest idle time. */
    static final long[] GAPS_NS = {
        0,
        1_000,
        100_000,
        2_000_000,
        20_000_000,
        110_000_000,
        310_000_000,
        1_100_000_000L,
        5_000_000_000L,
        31_000_000_000L,
        61_000_000_000L,
        901_000_000_000L
    };

    private static final int HEADER_BYTES = 4;
    private static final int FIT = 0x80;
    /** Of seeds: so much is kept as it is, headers and quotes; the fuzzer is not to spend its time on payload. */
    private static final int HEAD_BYTES = 160;

    /** What a device or a driver does to the pass that a step is in. */
    public enum Trouble {
        NONE,
        /** The frame has 20 bytes before it only. */
        LITTLE_HEADROOM,
        /** The device takes nothing. */
        TX_FULL,
        /** The device takes 3 frames. */
        TX_NEARLY_FULL,
        /** There are no mbufs for outer fragments. */
        NO_MBUFS;

        private static final Trouble[] ALL = values();

        static Trouble of(int number) {
            return number < ALL.length ? ALL[number] : NONE;
        }
    }

    /** One frame, and what happens when it comes. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Step(int gap, boolean fit, Trouble trouble, int restBytes, byte[] head) {
        public long gapNs() {
            return GAPS_NS[gap % GAPS_NS.length];
        }

        /** {@return the frame's bytes} */
        public byte[] frame() {
            int headBytes = Math.min(head.length, FRAME_BYTES_MAX);
            byte[] frame = Arrays.copyOf(head, Math.min(headBytes + restBytes, FRAME_BYTES_MAX));
            for (int i = headBytes; i < frame.length; i++) {
                frame[i] = (byte) i;
            }
            if (fit) {
                FittedLengths.fit(frame);
            }
            return frame;
        }

        private void write(ByteArrayOutputStream to) {
            to.write(gap);
            to.write(trouble.ordinal() | (fit ? FIT : 0));
            to.write(restBytes);
            to.write(restBytes >> 8);
            to.writeBytes(head);
        }
    }

    /** {@return what stands between two steps} */
    public static byte[] mark() {
        return MARK.clone();
    }

    public static FuzzInput of(byte[] bytes) {
        List<Step> steps = new ArrayList<>();
        int from = 1;
        while (from < bytes.length && steps.size() < STEPS_MAX) {
            int to = mark(bytes, from);
            steps.add(step(Arrays.copyOfRange(bytes, from, to)));
            from = to + MARK.length;
        }
        int first = bytes.length == 0 ? 0 : bytes[0];
        return new FuzzInput(first & 0x7f, first < 0, steps);
    }

    private static int mark(byte[] bytes, int from) {
        for (int i = from; i + MARK.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + MARK.length, MARK, 0, MARK.length)) {
                return i;
            }
        }
        return bytes.length;
    }

    private static Step step(byte[] bytes) {
        byte[] all = bytes.length < HEADER_BYTES ? Arrays.copyOf(bytes, HEADER_BYTES) : bytes;
        int rest = (all[2] & 0xff) | (all[3] & 0xff) << 8;
        byte[] head = Arrays.copyOfRange(all, HEADER_BYTES, all.length);
        return new Step(all[0] & 0xff, (all[1] & FIT) != 0, Trouble.of(all[1] & ~FIT & 0xff), rest, head);
    }

    /** {@return a step of a seed: the gap that is nearest, the payload cut} */
    public static Step seed(long gapNs, byte[] frame) {
        int gap = 0;
        while (gap + 1 < GAPS_NS.length && GAPS_NS[gap + 1] <= gapNs) {
            gap++;
        }
        int head = frame.length <= HEAD_BYTES + HEADER_BYTES ? frame.length : HEAD_BYTES;
        return new Step(gap, false, Trouble.NONE, frame.length - head, Arrays.copyOf(frame, head));
    }

    public byte[] bytes() {
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        to.write(site | (atStart ? 0x80 : 0));
        for (int i = 0; i < steps.size(); i++) {
            if (i > 0) {
                to.writeBytes(MARK);
            }
            steps.get(i).write(to);
        }
        return to.toByteArray();
    }

    /** {@return the same with other steps} */
    public FuzzInput with(List<Step> others) {
        return new FuzzInput(site, atStart, List.copyOf(others));
    }
}
