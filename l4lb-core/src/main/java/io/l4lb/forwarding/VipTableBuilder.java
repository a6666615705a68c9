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

    private record Key(boolean ipv6, long high, long low, int service, int value) {}

    private final List<Key> keys = new ArrayList<>();
    private final Set<IpAddress> addresses = new HashSet<>();
    private boolean anyPorts;

    /** Adds a VIP under its number (1..65535). */
    public VipTableBuilder add(VipConfig vip, int number) {
        int l4PortBe = Short.toUnsignedInt(Short.reverseBytes((short) vip.l4Port()));
        keys.add(key(vip.address(), VipTable.service(vip.protocol().number(), l4PortBe), number));
        anyPorts |= vip.l4Port() == 0;
        if (addresses.add(vip.address())) {
            keys.add(key(vip.address(), 0, VipTable.ADDRESS_ONLY));
        }
        return this;
    }

    private static Key key(IpAddress address, int service, int value) {
        long low = memoryOrderLow(address);
        return address.ipv6()
                ? new Key(true, memoryOrderHigh(address), low, service, value)
                : new Key(false, 0, VipTable.ipv4Key(low, service), 0, value);
    }

    /** {@return the table of what was added} */
    public VipTable build() {
        return new VipTable(places(false), places(true), anyPorts);
    }

    private VipTable.Places places(boolean ipv6) {
        List<Key> own = keys.stream().filter(key -> key.ipv6 == ipv6).toList();
        int count = Math.max(8, Integer.highestOneBit(own.size() * PLACES_PER_KEY) << 1);
        VipTable.Places places = new VipTable.Places(count);
        for (Key key : own) {
            int place = ipv6
                    ? VipTable.ipv6PlaceOf(key.high, key.low, key.service, places.shift)
                    : VipTable.ipv4PlaceOf(key.low, places.shift);
            while (places.value[place & (count - 1)] != VipTable.NONE) {
                place++;
            }
            int index = place & (count - 1);
            places.high[index] = key.high;
            places.low[index] = key.low;
            places.service[index] = key.service;
            places.value[index] = key.value;
        }
        return places;
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
