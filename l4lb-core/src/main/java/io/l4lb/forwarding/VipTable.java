package io.l4lb.forwarding;

/**
 * (address, protocol, L4 port) to VIP number, one probe for a packet to a VIP. Immutable; any thread.
 *
 * <p>One table a family, open addressing with linear probing in a power of two of places, at least four a key, so that
 * nearly every look-up ends at its first place. Each VIP has a key; an any-port VIP has L4 port 0; each VIP address has one
 * more key with protocol 0 and L4 port 0, whose value is {@link #ADDRESS_ONLY}. A value of 0 is an empty place.
 *
 * <p>The service of a key is protocol and L4 port (memory order) in 24 bits; an IPv4 key is service and address in one long.
 */
public final class VipTable {
    /** Value of the key that stands for a VIP's address alone. */
    static final int ADDRESS_ONLY = 1 << 16;
    /** What look-ups return when there is no such VIP. */
    public static final int NONE = 0;

    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    /** Keys and values of one family; {@code high} and {@code service} are IPv6's. */
    static final class Places {
        final long[] low;
        final long[] high;
        final int[] service;
        final int[] value;
        final int shift;

        /** {@code count} places, a power of two, all empty. */
        Places(int count) {
            low = new long[count];
            high = new long[count];
            service = new int[count];
            value = new int[count];
            shift = Long.numberOfLeadingZeros(count) + 1;
        }
    }

    private final Places ipv4;
    private final Places ipv6;
    private final boolean anyPorts;

    VipTable(Places ipv4, Places ipv6, boolean anyPorts) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.anyPorts = anyPorts;
    }

    /**
     * {@return the number of the VIP that an IPv4 packet is for, or {@link #NONE}}; a VIP of that very L4 port comes
     * before one of any port
     *
     * @param address destination address, memory order, zero-extended
     * @param protocol IP protocol
     * @param l4PortBe destination L4 port, memory order
     */
    public int ipv4VipOf(long address, int protocol, int l4PortBe) {
        int exact = findIpv4(ipv4Key(address, service(protocol, l4PortBe)));
        return exact != NONE || !anyPorts ? exact : findIpv4(ipv4Key(address, service(protocol, 0)));
    }

    /**
     * {@return the same for an IPv6 packet}
     *
     * @param addressHigh first 8 bytes of the destination address, memory order
     * @param addressLow last 8 bytes, memory order
     */
    public int ipv6VipOf(long addressHigh, long addressLow, int protocol, int l4PortBe) {
        int exact = findIpv6(addressHigh, addressLow, service(protocol, l4PortBe));
        return exact != NONE || !anyPorts ? exact : findIpv6(addressHigh, addressLow, service(protocol, 0));
    }

    /** {@return whether any VIP has that IPv4 address} (as for {@link #ipv4VipOf}) */
    public boolean isIpv4VipAddress(long address) {
        return findIpv4(ipv4Key(address, 0)) == ADDRESS_ONLY;
    }

    /** {@return whether any VIP has that IPv6 address} (as for {@link #ipv6VipOf}) */
    public boolean isIpv6VipAddress(long addressHigh, long addressLow) {
        return findIpv6(addressHigh, addressLow, 0) == ADDRESS_ONLY;
    }

    private int findIpv4(long key) {
        long[] keys = ipv4.low;
        int[] values = ipv4.value;
        int place = ipv4PlaceOf(key, ipv4.shift);
        while (true) {
            int found = values[place & (values.length - 1)];
            if (found == NONE || keys[place & (keys.length - 1)] == key) {
                return found;
            }
            place++; // ends: at most a quarter of the places are taken
        }
    }

    private int findIpv6(long addressHigh, long addressLow, int service) {
        int[] values = ipv6.value;
        int mask = values.length - 1;
        int place = ipv6PlaceOf(addressHigh, addressLow, service, ipv6.shift);
        while (true) {
            int found = values[place & mask];
            if (found == NONE
                    || (ipv6.low[place & mask] == addressLow
                            && ipv6.high[place & mask] == addressHigh
                            && ipv6.service[place & mask] == service)) {
                return found;
            }
            place++;
        }
    }

    static int service(int protocol, int l4PortBe) {
        return (protocol << Short.SIZE) | l4PortBe;
    }

    static long ipv4Key(long address, int service) {
        return ((long) service << Integer.SIZE) | address;
    }

    /** {@return the first place of a key in a table of {@code 2^(64 - shift)} places} */
    static int ipv4PlaceOf(long key, int shift) {
        return (int) (((key ^ (key >>> 29)) * SPREAD) >>> shift);
    }

    static int ipv6PlaceOf(long addressHigh, long addressLow, int service, int shift) {
        return ipv4PlaceOf((addressHigh * SPREAD) ^ addressLow ^ ((long) service << Integer.SIZE), shift);
    }
}
