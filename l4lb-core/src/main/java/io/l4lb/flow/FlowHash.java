package io.l4lb.flow;

/**
 * The 64-bit hash of a flow: the same on every node, so that all nodes choose alike.
 *
 * <p>It takes the bytes of the 5-tuple as they lie in the packet, read little-endian, and a seed made from the VIP's
 * address and protocol (never from its number, which differs between nodes). One step is {@link #mix}: invertible,
 * two multiplications, every input bit reaches every output bit. {@code docs/design/05-flow-table.md} says which bits
 * serve whom. Static, hot.
 */
public final class FlowHash {
    /** Odd 64-bit constants with good avalanche (Stafford's variant 13, as in {@code SplittableRandom}). */
    private static final long MULTIPLIER_1 = 0xbf58476d1ce4e5b9L;

    private static final long MULTIPLIER_2 = 0x94d049bb133111ebL;
    /** 2^64 divided by the golden ratio: keeps a zero input away from zero. */
    private static final long INCREMENT = 0x9e3779b97f4a7c15L;

    private static final int SEED_UNUSED_BITS = 16;

    private FlowHash() {}

    /** {@return {@code value} with its bits spread over all 64} */
    public static long mix(long value) {
        long z = value + INCREMENT;
        z = (z ^ (z >>> 30)) * MULTIPLIER_1;
        z = (z ^ (z >>> 27)) * MULTIPLIER_2;
        return z ^ (z >>> 31);
    }

    /**
     * {@return the seed of a VIP, 48 bits: with the VIP number it fills a long of {@link VipTable}}
     *
     * @param addressHigh first 8 bytes of the address, big-endian value; 0 for IPv4
     * @param addressLow last 8 bytes, big-endian value; IPv4 in the low 32 bits
     * @param protocol IP protocol
     */
    public static long vipSeed(long addressHigh, long addressLow, int protocol) {
        return mix(mix(mix(addressHigh) ^ addressLow) ^ protocol) >>> SEED_UNUSED_BITS;
    }

    /**
     * {@return the hash of an IPv4 flow}
     *
     * @param sourceAndPorts source address in the high half, both L4 ports in the low half, each in memory order
     */
    public static long ipv4(long sourceAndPorts, long vipSeed) {
        return mix(sourceAndPorts ^ vipSeed);
    }

    /** {@return the hash of an IPv6 flow}; source address and L4 ports in memory order */
    public static long ipv6(long sourceHigh, long sourceLow, int ports, long vipSeed) {
        return mix(mix(sourceHigh ^ vipSeed) ^ sourceLow ^ mix(ports));
    }

    /** {@return the hash of a client address alone, for affinity "source"}; IPv4: {@code sourceHigh} 0 */
    public static long source(long sourceHigh, long sourceLow, long vipSeed) {
        return mix(mix(sourceHigh ^ vipSeed) ^ sourceLow);
    }
}
