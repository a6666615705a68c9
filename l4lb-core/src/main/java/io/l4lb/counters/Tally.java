package io.l4lb.counters;

/**
 * Packets and bytes of a burst in one long: packets in the upper half, bytes in the lower. 32 packets of 65,535 bytes fit
 * a thousand times. One register where two would be spilled. Static, hot.
 */
public final class Tally {
    /** No packets. */
    public static final long NONE = 0;

    private static final long PACKET = 1L << Integer.SIZE;

    private Tally() {}

    /** {@return {@code tally} and one more packet} */
    public static long plus(long tally, int bytes) {
        return tally + PACKET + bytes;
    }

    public static int packets(long tally) {
        return (int) (tally >>> Integer.SIZE);
    }

    public static long bytes(long tally) {
        return Integer.toUnsignedLong((int) tally);
    }
}
