package io.l4lb.flow;

import io.l4lb.net.Affinity;

/**
 * The bits of a client's address that choose its backend where affinity is "source"; memory order, as the address's halves are.
 *
 * @param high of an IPv6 address's first 8 bytes; IPv4: 0
 * @param low of its last 8 bytes; IPv4: of its 4 bytes, zero-extended
 */
public record SourceMask(long high, long low) {
    /** {@return the mask of an affinity to the source} */
    public static SourceMask of(Affinity affinity, boolean ipv6) {
        int bits = affinity.prefixBits();
        if (!ipv6) {
            int mask = leading(Math.min(bits, Affinity.IPV4_BITS_MAX));
            return new SourceMask(0, Integer.toUnsignedLong(Integer.reverseBytes(mask)));
        }
        return new SourceMask(
                Long.reverseBytes(leadingLong(Math.min(bits, Long.SIZE))),
                Long.reverseBytes(leadingLong(Math.max(bits - Long.SIZE, 0))));
    }

    private static int leading(int bits) {
        return (int) (leadingLong(bits) >>> Integer.SIZE);
    }

    private static long leadingLong(int bits) {
        return bits == 0 ? 0 : -1L << (Long.SIZE - bits);
    }

    /** {@return the hash that chooses the slot of all flows of the client's prefix}; address in memory order */
    public long hash(long sourceHigh, long sourceLow, long vipSeed) {
        return FlowHash.source(sourceHigh & high, sourceLow & low, vipSeed);
    }
}
