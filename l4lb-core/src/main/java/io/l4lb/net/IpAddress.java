package io.l4lb.net;

import java.util.Optional;

/**
 * An IPv4 or IPv6 address without a zone. Any thread; immutable.
 *
 * @param ipv6 which family
 * @param high IPv6: the first 8 bytes, the first of them in the highest bits; IPv4: 0
 * @param low IPv6: the last 8 bytes; IPv4: the address in the low 32 bits, its first byte the highest
 */
public record IpAddress(boolean ipv6, long high, long low) implements Comparable<IpAddress> {
    public static final int IPV4_LENGTH_BYTES = 4;
    public static final int IPV6_LENGTH_BYTES = 16;

    private static final long IPV4_MASK = 0xffff_ffffL;
    private static final long MAPPED_PREFIX = 0xffffL;

    public IpAddress {
        if (!ipv6 && (high != 0 || (low & ~IPV4_MASK) != 0)) {
            throw new IllegalArgumentException("expected an IPv4 address in the low 32 bits");
        }
    }

    public static IpAddress ipv4(int address) {
        return new IpAddress(false, 0, address & IPV4_MASK);
    }

    public static IpAddress ipv6(long high, long low) {
        return new IpAddress(true, high, low);
    }

    /**
     * Reads an address strictly: IPv4 as four decimal numbers without leading zeros; IPv6 as RFC 4291, section 2.2,
     * but no zone and no IPv4-mapped address ({@code ::ffff:0:0/96}), of which nobody knows which family is meant.
     * Asks no name service, ever.
     *
     * @return empty if {@code text} is anything else
     */
    public static Optional<IpAddress> parse(String text) {
        Optional<IpAddress> address =
                text.indexOf(':') >= 0 ? IpAddressText.parseIpv6(text) : IpAddressText.parseIpv4(text);
        return address.filter(parsed -> !parsed.isIpv4Mapped());
    }

    /** {@return the 4 or 16 bytes in network order} */
    public byte[] bytes() {
        byte[] bytes = new byte[lengthBytes()];
        for (int index = 0; index < bytes.length; index++) {
            int fromEnd = bytes.length - 1 - index;
            long half = fromEnd < Long.BYTES ? low : high;
            bytes[index] = (byte) (half >>> (Byte.SIZE * (fromEnd % Long.BYTES)));
        }
        return bytes;
    }

    public int lengthBytes() {
        return ipv6 ? IPV6_LENGTH_BYTES : IPV4_LENGTH_BYTES;
    }

    /** {@return whether this can be the address of one machine out on the network} */
    public boolean isUnicast() {
        return !isUnspecified() && !isLoopback() && !isMulticast() && !isReserved();
    }

    /** {@return whether this is {@code ::}, or in 0.0.0.0/8 ("this network", RFC 1122)} */
    public boolean isUnspecified() {
        return ipv6 ? high == 0 && low == 0 : low >>> 24 == 0;
    }

    public boolean isLoopback() {
        return ipv6 ? high == 0 && low == 1 : low >>> 24 == 127;
    }

    public boolean isMulticast() {
        return ipv6 ? high >>> 56 == 0xff : low >>> 28 == 0xe;
    }

    /** {@return whether this is in 240.0.0.0/4 (RFC 1112), the broadcast address 255.255.255.255 included} */
    public boolean isReserved() {
        return !ipv6 && low >>> 28 == 0xf;
    }

    public String family() {
        return ipv6 ? "IPv6" : "IPv4";
    }

    /** IPv4 first, then by number; the same order as of the bytes within a family. */
    @Override
    public int compareTo(IpAddress other) {
        int byFamily = Boolean.compare(ipv6, other.ipv6);
        int byHigh = byFamily != 0 ? byFamily : Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /** {@return the usual text; for IPv6 that of RFC 5952} */
    @Override
    public String toString() {
        return ipv6 ? IpAddressText.ipv6Text(high, low) : IpAddressText.ipv4Text(low);
    }

    private boolean isIpv4Mapped() {
        return ipv6 && high == 0 && low >>> 32 == MAPPED_PREFIX;
    }
}
