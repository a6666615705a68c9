package io.l4lb.prefix;

/**
 * Whether a client's address is let in: the longest match of an access list, as sorted boundaries. Two verdicts take turns
 * at the boundaries, so that the number of boundaries at or below an address says it all: odd is allowed. Immutable; any thread; on the
 * heap, since it outlives many forwarding tables, and garbage needs nobody who counts its users.
 *
 * <p>The highest 16 bits of an address index the boundaries behind them, the rest is a binary search: 100,000 prefixes spread over
 * IPv4 leave one or two steps. IPv6 compares the first 8 bytes of the address, and the rest only where those are equal.
 *
 * <pre>
 * memory   IPv4: 2 bytes a boundary; IPv6: 16; at most two boundaries a prefix; 256 KiB of index for a family that has any
 * </pre>
 */
public final class AccessTable {
    static final int INDEX_BITS = 16;
    /** Of the index: one place more than there are values, so that each has an end. */
    static final int INDEX_LENGTH = (1 << INDEX_BITS) + 1;

    private static final int LOW_MASK = (1 << INDEX_BITS) - 1;

    private final int[] ipv4Index;
    private final char[] ipv4Lows;
    private final int[] ipv6Index;
    private final long[] ipv6Highs;
    private final long[] ipv6Lows;

    /** IPv6: {@link Long#MIN_VALUE} added to both halves, so that they compare as signed numbers. */
    AccessTable(int[] ipv4Index, char[] ipv4Lows, int[] ipv6Index, long[] ipv6Highs, long[] ipv6Lows) {
        this.ipv4Index = ipv4Index;
        this.ipv4Lows = ipv4Lows;
        this.ipv6Index = ipv6Index;
        this.ipv6Highs = ipv6Highs;
        this.ipv6Lows = ipv6Lows;
    }

    /** {@return whether that IPv4 address is allowed} Memory order. */
    public boolean allowsIpv4(int addressBe) {
        int address = Integer.reverseBytes(addressBe);
        int top = address >>> INDEX_BITS;
        int low = address & LOW_MASK;
        int from = ipv4Index[top];
        int length = ipv4Index[top + 1] - from;
        char[] lows = ipv4Lows;
        while (length > 0) {
            int half = length >>> 1;
            boolean isBelow = lows[from + half] <= low;
            from += isBelow ? half + 1 : 0;
            length = isBelow ? length - half - 1 : half;
        }
        return (from & 1) != 0;
    }

    /** {@return whether that IPv6 address is allowed}; both halves in memory order */
    public boolean allowsIpv6(long highBe, long lowBe) {
        long high = Long.reverseBytes(highBe);
        int top = (int) (high >>> (Long.SIZE - INDEX_BITS));
        int from = ipv6Index[top];
        int length = ipv6Index[top + 1] - from;
        long[] highs = ipv6Highs;
        high += Long.MIN_VALUE;
        while (length > 0) {
            int half = length >>> 1;
            long boundary = highs[from + half];
            boolean isBelow = boundary < high || (boundary == high && isLowBelow(from + half, lowBe));
            from += isBelow ? half + 1 : 0;
            length = isBelow ? length - half - 1 : half;
        }
        return (from & 1) != 0;
    }

    private boolean isLowBelow(int boundary, long lowBe) {
        return ipv6Lows[boundary] <= Long.reverseBytes(lowBe) + Long.MIN_VALUE;
    }

    /** {@return how many boundaries there are of both families} */
    public int boundaryCount() {
        return ipv4Lows.length + ipv6Highs.length;
    }
}
