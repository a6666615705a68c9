package io.l4lb.forwarding;

import io.l4lb.config.VipConfig;
import io.l4lb.net.IpAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Makes a {@link VipTable}. Cold; one thread. */
public final class VipTableBuilder {
    private static final int PLACES_PER_KEY = 4;

    private record Key(long high, long low, int service, int value) {}

    private final List<Key> keys = new ArrayList<>();
    private final Set<IpAddress> addresses = new HashSet<>();
    private boolean anyPorts;

    /** Adds a VIP under its number (1..65535). */
    public VipTableBuilder add(VipConfig vip, int number) {
        int l4PortBe = Short.toUnsignedInt(Short.reverseBytes((short) vip.l4Port()));
        long high = memoryOrderHigh(vip.address());
        long low = memoryOrderLow(vip.address());
        int family = vip.address().ipv6() ? VipTable.IPV6 : 0;
        keys.add(new Key(high, low, family | (vip.protocol().number() << 16) | l4PortBe, number));
        anyPorts |= vip.l4Port() == 0;
        if (addresses.add(vip.address())) {
            keys.add(new Key(high, low, family, VipTable.ADDRESS_ONLY));
        }
        return this;
    }

    /** {@return the table of what was added} */
    public VipTable build() {
        int places = Math.max(8, Integer.highestOneBit(keys.size() * PLACES_PER_KEY) << 1);
        int shift = Long.numberOfLeadingZeros(places) + 1;
        long[] high = new long[places];
        long[] low = new long[places];
        int[] service = new int[places];
        int[] value = new int[places];
        for (Key key : keys) {
            int place = VipTable.placeOf(key.high, key.low, key.service, shift);
            while (value[place & (places - 1)] != VipTable.NONE) {
                place++;
            }
            int index = place & (places - 1);
            high[index] = key.high;
            low[index] = key.low;
            service[index] = key.service;
            value[index] = key.value;
        }
        return new VipTable(high, low, service, value, anyPorts);
    }

    /** {@return the first 8 bytes of an IPv6 address as a little-endian machine reads them; 0 for IPv4} */
    public static long memoryOrderHigh(IpAddress address) {
        return address.ipv6() ? Long.reverseBytes(address.high()) : 0;
    }

    /** {@return the last 8 bytes, or the 4 of an IPv4 address, as a little-endian machine reads them} */
    public static long memoryOrderLow(IpAddress address) {
        return address.ipv6()
                ? Long.reverseBytes(address.low())
                : Integer.toUnsignedLong(Integer.reverseBytes((int) address.low()));
    }
}
