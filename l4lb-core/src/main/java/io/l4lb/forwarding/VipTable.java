package io.l4lb.forwarding;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;

/**
 * (address, protocol, L4 port) to VIP, one probe for a packet to a VIP. Immutable; any thread.
 *
 * <p>One table a family, open addressing with linear probing in a power of two of places, at least four a key, so that
 * nearly every look-up ends at its first place. Each VIP has a key; an any-port VIP has L4 port 0; each VIP address has one
 * more key with protocol 0 and L4 port 0, whose value is {@link #ADDRESS_ONLY}. A value of 0 is an empty place.
 *
 * <pre>
 * IPv4, 16 bytes, four a cache line            IPv6, 32 bytes, two a cache line
 *  0  key    8  service (high), address         0  addressHigh  8
 *  8  value  8                                  8  addressLow   8
 *                                              16  service      8
 *                                              24  value        8
 *
 * value: bit 63..16 seed of the VIP's flow hashes, bit 15..0 VIP number
 * </pre>
 *
 * <p>A VIP that routes QUIC has a key that no packet's own is: with {@link #QUIC} in it. So classify's fast path does not find
 * it, and all others pay nothing for there being such VIPs.
 *
 * <p>The service of a key is protocol and L4 port (memory order) in 24 bits. The seed lies beside the number because who
 * looks up the one wants the other, and a second array would be a second cache miss.
 */
public final class VipTable {
    /** Value of the key that stands for a VIP's address alone. */
    static final long ADDRESS_ONLY = 1L << Short.SIZE;
    /** What look-ups return when there is no such VIP. */
    public static final long NONE = 0;

    static final int IPV4_PLACE_SHIFT = 4;
    static final int IPV6_PLACE_SHIFT = 5;
    static final int IPV4_VALUE_OFFSET = Long.BYTES;
    static final int IPV6_LOW_OFFSET = Long.BYTES;
    static final int IPV6_SERVICE_OFFSET = IPV6_LOW_OFFSET + Long.BYTES;
    static final int IPV6_VALUE_OFFSET = IPV6_SERVICE_OFFSET + Long.BYTES;

    /** In the service of a QUIC VIP's key, above the protocol. */
    static final int QUIC = 1 << 24;

    private static final int BITS_SHIFT = 6;
    private static final int NUMBER_MASK = 0xffff;
    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    /** Places of one family, {@code 2^(64 - shift)} of them. */
    record Places(NativeMemory memory, int shift) {
        long address() {
            return memory.address();
        }
    }

    private final Places ipv4;
    private final Places ipv6;
    private final boolean anyPorts;
    /** By VIP number, 64 a word; empty: none. */
    private final long[] quicNumbers;

    VipTable(Places ipv4, Places ipv6, boolean anyPorts, long... quicNumbers) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.anyPorts = anyPorts;
        this.quicNumbers = quicNumbers;
    }

    /** {@return whether the VIP with that number routes QUIC by connection ID} */
    public boolean isQuic(int number) {
        int word = number >>> BITS_SHIFT;
        return word < quicNumbers.length && (quicNumbers[word] >>> number & 1) != 0;
    }

    /** {@return the VIP number in a value that a look-up returned} */
    public static int number(long value) {
        return (int) value & NUMBER_MASK;
    }

    /** {@return the seed of the VIP's flow hashes in a value that a look-up returned} */
    public static long seed(long value) {
        return value >>> Short.SIZE;
    }

    static long value(int number, long seed) {
        return (seed << Short.SIZE) | number;
    }

    /** {@return where the IPv4 places begin}; hot loops hold it in a local for {@link #exactIpv4} */
    public long ipv4Places() {
        return ipv4.address();
    }

    /** {@return the other argument of {@link #exactIpv4}} */
    public int ipv4Shift() {
        return ipv4.shift;
    }

    /** {@return where the IPv6 places begin} */
    public long ipv6Places() {
        return ipv6.address();
    }

    /** {@return the other argument of {@link #exactIpv6}} */
    public int ipv6Shift() {
        return ipv6.shift;
    }

    /**
     * {@return the value of the VIP that an IPv4 packet is for, or {@link #NONE}}; a VIP of that very L4 port comes before
     * one of any port
     *
     * @param address destination address, memory order, zero-extended
     * @param protocol IP protocol
     * @param l4PortBe destination L4 port, memory order
     */
    public long ipv4VipOf(long address, int protocol, int l4PortBe) {
        long ofPort = ipv4EitherVipOf(address, service(protocol, l4PortBe));
        return ofPort != NONE || !anyPorts ? ofPort : ipv4EitherVipOf(address, service(protocol, 0));
    }

    private long ipv4EitherVipOf(long address, int service) {
        long plain = exactIpv4(ipv4.address(), ipv4.shift, address, service);
        return plain != NONE || quicNumbers.length == 0
                ? plain
                : exactIpv4(ipv4.address(), ipv4.shift, address, service | QUIC);
    }

    /**
     * {@return the same for an IPv6 packet}
     *
     * @param addressHigh first 8 bytes of the destination address, memory order
     * @param addressLow last 8 bytes, memory order
     */
    public long ipv6VipOf(long addressHigh, long addressLow, int protocol, int l4PortBe) {
        long ofPort = ipv6EitherVipOf(addressHigh, addressLow, service(protocol, l4PortBe));
        return ofPort != NONE || !anyPorts ? ofPort : ipv6EitherVipOf(addressHigh, addressLow, service(protocol, 0));
    }

    private long ipv6EitherVipOf(long addressHigh, long addressLow, int service) {
        long plain = exactIpv6(ipv6.address(), ipv6.shift, addressHigh, addressLow, service);
        return plain != NONE || quicNumbers.length == 0
                ? plain
                : exactIpv6(ipv6.address(), ipv6.shift, addressHigh, addressLow, service | QUIC);
    }

    /** {@return whether any VIP has that IPv4 address} (as for {@link #ipv4VipOf}) */
    public boolean isIpv4VipAddress(long address) {
        return exactIpv4(ipv4.address(), ipv4.shift, address, 0) != NONE;
    }

    /** {@return whether any VIP has that IPv6 address} (as for {@link #ipv6VipOf}) */
    public boolean isIpv6VipAddress(long addressHigh, long addressLow) {
        return exactIpv6(ipv6.address(), ipv6.shift, addressHigh, addressLow, 0) != NONE;
    }

    /** {@return the value of that very key, or {@link #NONE}} */
    public static long exactIpv4(long places, int shift, long address, int service) {
        long key = ipv4Key(address, service);
        long place = places + (ipv4PlaceOf(key, shift) << IPV4_PLACE_SHIFT);
        return Memory.getLong(place) == key
                ? Memory.getLong(place + IPV4_VALUE_OFFSET)
                : furtherIpv4(places, shift, key);
    }

    private static long furtherIpv4(long places, int shift, long key) {
        long mask = (1L << -shift) - 1;
        long index = ipv4PlaceOf(key, shift);
        while (true) { // ends: at most a quarter of the places are taken
            long place = places + ((index++ & mask) << IPV4_PLACE_SHIFT);
            long value = Memory.getLong(place + IPV4_VALUE_OFFSET);
            if (value == NONE || Memory.getLong(place) == key) {
                return value;
            }
        }
    }

    /** {@return the value of that very key, or {@link #NONE}} */
    public static long exactIpv6(long places, int shift, long addressHigh, long addressLow, int service) {
        long mask = (1L << -shift) - 1;
        long index = ipv6PlaceOf(addressHigh, addressLow, service, shift);
        while (true) {
            long place = places + ((index++ & mask) << IPV6_PLACE_SHIFT);
            long value = Memory.getLong(place + IPV6_VALUE_OFFSET);
            if (value == NONE
                    || (Memory.getLong(place + IPV6_LOW_OFFSET) == addressLow
                            && Memory.getLong(place) == addressHigh
                            && Memory.getLong(place + IPV6_SERVICE_OFFSET) == service)) {
                return value;
            }
        }
    }

    /** {@return protocol and L4 port (memory order) of a key} */
    public static int service(int protocol, int l4PortBe) {
        return (protocol << Short.SIZE) | l4PortBe;
    }

    static long ipv4Key(long address, int service) {
        return ((long) service << Integer.SIZE) | address;
    }

    /** {@return the first place of a key in a table of {@code 2^(64 - shift)} places} Multiplicative hashing (Knuth, 6.4). */
    static long ipv4PlaceOf(long key, int shift) {
        return (key * SPREAD) >>> shift;
    }

    static long ipv6PlaceOf(long addressHigh, long addressLow, int service, int shift) {
        long key = (addressHigh * SPREAD) ^ addressLow ^ ((long) service << Integer.SIZE);
        return ipv4PlaceOf(key ^ (key >>> 29), shift);
    }

    /** Frees the places. Only when nobody looks up any more. */
    public void close() {
        ipv4.memory.close();
        ipv6.memory.close();
    }
}
