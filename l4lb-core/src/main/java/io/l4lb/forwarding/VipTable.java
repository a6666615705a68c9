package io.l4lb.forwarding;

/**
 * (address, protocol, L4 port) to VIP number, one probe for a packet to a VIP. Immutable; any thread.
 *
 * <p>Open addressing with linear probing in a power of two of places, at least four a key, so that nearly every look-up
 * ends at its first place. Each VIP has a key; an any-port VIP has L4 port 0; each VIP address has one more key with
 * protocol 0 and L4 port 0, whose value is {@link #ADDRESS_ONLY}. A value of 0 is an empty place.
 */
public final class VipTable {
    /** Value of the key that stands for a VIP's address alone. */
    static final int ADDRESS_ONLY = 1 << 16;
    /** What look-ups return when there is no such VIP. */
    public static final int NONE = 0;

    /**
     * Marks the service of an IPv6 key: without it, 198.51.100.1 and ::c633:6401:0:0 would be the same key, and IPv6
     * packets to the latter would be taken for the former's.
     */
    static final int IPV6 = 1 << 24;

    private static final long SPREAD = 0x9e3779b97f4a7c15L;

    private final long[] high;
    private final long[] low;
    private final int[] service;
    private final int[] value;
    private final int shift;
    private final boolean anyPorts;

    VipTable(long[] high, long[] low, int[] service, int[] value, boolean anyPorts) {
        this.high = high;
        this.low = low;
        this.service = service;
        this.value = value;
        this.shift = Long.numberOfLeadingZeros(value.length) + 1;
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
        return vipOf(0, address, protocol << 16, l4PortBe);
    }

    /**
     * {@return the same for an IPv6 packet}
     *
     * @param addressHigh first 8 bytes of the destination address, memory order
     * @param addressLow last 8 bytes, memory order
     */
    public int ipv6VipOf(long addressHigh, long addressLow, int protocol, int l4PortBe) {
        return vipOf(addressHigh, addressLow, IPV6 | (protocol << 16), l4PortBe);
    }

    /** {@return whether any VIP has that IPv4 address} (as for {@link #ipv4VipOf}) */
    public boolean isIpv4VipAddress(long address) {
        return find(0, address, 0) == ADDRESS_ONLY;
    }

    /** {@return whether any VIP has that IPv6 address} (as for {@link #ipv6VipOf}) */
    public boolean isIpv6VipAddress(long addressHigh, long addressLow) {
        return find(addressHigh, addressLow, IPV6) == ADDRESS_ONLY;
    }

    private int vipOf(long addressHigh, long addressLow, int anyPortService, int l4PortBe) {
        int exact = find(addressHigh, addressLow, anyPortService | l4PortBe);
        return exact != NONE || !anyPorts ? exact : find(addressHigh, addressLow, anyPortService);
    }

    private int find(long addressHigh, long addressLow, int wantedService) {
        int[] values = value;
        int mask = values.length - 1;
        int place = placeOf(addressHigh, addressLow, wantedService, shift);
        while (true) {
            int found = values[place & mask];
            if (found == NONE
                    || (low[place & mask] == addressLow
                            && service[place & mask] == wantedService
                            && high[place & mask] == addressHigh)) {
                return found;
            }
            place++; // ends: at most a quarter of the places are taken
        }
    }

    /** {@return the first place of a key in a table of {@code 2^(64 - shift)} places} */
    static int placeOf(long addressHigh, long addressLow, int service, int shift) {
        long key = (addressHigh * SPREAD) ^ addressLow ^ ((long) service << 32);
        return (int) (((key ^ (key >>> 29)) * SPREAD) >>> shift);
    }
}
