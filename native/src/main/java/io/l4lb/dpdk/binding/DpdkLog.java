package io.l4lb.dpdk.binding;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What DPDK, libbpf and libxdp said. The shim keeps the last 512 lines in a ring; each reader holds its own position,
 * so that the node can log them all while an error message quotes some. Any thread.
 */
public final class DpdkLog {
    private static final int MAX_LINE_BYTES = 512;
    private static final int NOT_YET = -1;

    private static final ColdCall OPEN = ColdCall.returningInt("l4lb_log_open");
    private static final ColdCall CAPTURE_BPF = ColdCall.returningNothing("l4lb_log_capture_bpf");
    private static final ColdCall POSITION = ColdCall.returningLong("l4lb_log_position");
    private static final ColdCall LINE =
            ColdCall.returningInt("l4lb_log_line", ValueLayout.JAVA_LONG, ColdCall.POINTER, ColdCall.INT32);

    /**
     * One line.
     *
     * @param level 1 (emergency) to 8 (debug), as rte_log.h numbers them
     */
    public record Line(int level, String text) {
        public static final int WARNING = 5;

        /** {@return whether it tells of a warning or worse} */
        public boolean isComplaint() {
            return level <= WARNING;
        }
    }

    private DpdkLog() {}

    /** Sends DPDK's log to the ring instead of to stderr and syslog; call before the EAL starts. */
    public static void open() {
        if (OPEN.toInt() != 0) {
            throw new DpdkException("cannot capture DPDK's log", "fopencookie failed", List.of(), "");
        }
    }

    /** Sends the messages of libbpf and libxdp there too; call after the EAL has loaded its drivers. */
    public static void captureBpf() {
        CAPTURE_BPF.toLong();
    }

    /** {@return the position behind the newest line} */
    public static long position() {
        return POSITION.toLong();
    }

    /** {@return the lines from {@code position} on, oldest first; those no longer in the ring are left out} */
    public static List<Line> since(long position) {
        List<Line> lines = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(MAX_LINE_BYTES);
            for (long sequence = position; ; sequence++) {
                int lengthBytes = LINE.toInt(sequence, buffer.address(), MAX_LINE_BYTES);
                if (lengthBytes == NOT_YET) {
                    return lines;
                }
                if (lengthBytes > 0) {
                    lines.add(line(buffer.asSlice(0, lengthBytes)));
                }
            }
        }
    }

    private static Line line(MemorySegment bytes) {
        String text = new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
        return new Line(text.charAt(0) - '0', text.substring(1).strip());
    }
}
