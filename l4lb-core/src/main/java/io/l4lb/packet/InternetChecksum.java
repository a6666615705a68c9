package io.l4lb.packet;

import io.l4lb.dpdk.Memory;

/**
 * The Internet checksum (RFC 1071) and its incremental update (RFC 1624). One's-complement sums do not care about
 * byte order as long as all 16-bit words are read alike; here all are read as they lie in memory. Static, hot.
 */
public final class InternetChecksum {
    private InternetChecksum() {}

    /** {@return the 16-bit words from {@code address} added up, not folded; {@code lengthBytes} even} */
    public static int sum(long address, int lengthBytes) {
        int sum = 0;
        for (int i = 0; i < lengthBytes; i += 2) {
            sum += Memory.getUnsignedShort(address + i);
        }
        return sum;
    }

    /**
     * {@return {@code sum} with its carries added in, 16 bits; {@code sum} is taken as unsigned} Both halves are added to
     * each other: the upper half of that has the carry of the lower.
     */
    public static int fold(int sum) {
        return (sum + Integer.rotateLeft(sum, Short.SIZE)) >>> Short.SIZE;
    }

    /**
     * {@return the checksum field after one 16-bit word that it covers changed (RFC 1624, equation 3)}
     *
     * @param checksum field as it was, memory order
     * @param before the word as it was, memory order
     * @param after the word as it is now, memory order
     */
    public static int update(int checksum, int before, int after) {
        return ~fold((~checksum & 0xffff) + (~before & 0xffff) + after) & 0xffff;
    }
}
