package io.l4lb.forwarding;

import io.l4lb.config.VipConfig;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.net.IpAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Makes a {@link VipTable}. Cold; one thread. */
public final class VipTableBuilder {
    private static final int PLACES_PER_KEY = 4;

    private record Key(boolean ipv6, long high, long low, int service, long value) {}

    private final List<Key> keys = new ArrayList<>();
    private final Set<IpAddress> addresses = new HashSet<>();
    private final BitSet quicNumbers = new BitSet();
    private boolean anyPorts;

    /** Adds a VIP under its number (1..65535), with the seed of its flow hashes. */
    public VipTableBuilder add(VipConfig vip, int number, long seed) {
        int l4PortBe = Short.toUnsignedInt(Short.reverseBytes((short) vip.l4Port()));
        int service = VipTable.service(vip.protocol().number(), l4PortBe);
        if (vip.quic().isPresent()) {
            service |= VipTable.QUIC;
            quicNumbers.set(number);
        }
        keys.add(key(vip.address(), service, VipTable.value(number, seed)));
        anyPorts |= vip.l4Port() == 0;
        if (addresses.add(vip.address())) {
            keys.add(key(vip.address(), 0, VipTable.ADDRESS_ONLY));
        }
        return this;
    }

    private static Key key(IpAddress address, int service, long value) {
        return new Key(address.ipv6(), memoryOrderHigh(address), memoryOrderLow(address), service, value);
    }

    /** {@return the table of what was added; the caller closes it} */
    public VipTable build() {
        return new VipTable(ipv4Places(), ipv6Places(), anyPorts, quicNumbers.toLongArray());
    }

    private VipTable.Places ipv4Places() {
        List<Key> own = keys.stream().filter(key -> !key.ipv6).toList();
        int count = placeCount(own);
        VipTable.Places places = allocate(count, VipTable.IPV4_PLACE_SHIFT);
        for (Key key : own) {
            long whole = VipTable.ipv4Key(key.low, key.service);
            long at = VipTable.ipv4PlaceOf(whole, places.shift());
            long place = free(places, count, at, VipTable.IPV4_PLACE_SHIFT, VipTable.IPV4_VALUE_OFFSET);
            Memory.putLong(place, whole);
            Memory.putLong(place + VipTable.IPV4_VALUE_OFFSET, key.value);
        }
        return places;
    }

    private VipTable.Places ipv6Places() {
        List<Key> own = keys.stream().filter(key -> key.ipv6).toList();
        int count = placeCount(own);
        VipTable.Places places = allocate(count, VipTable.IPV6_PLACE_SHIFT);
        for (Key key : own) {
            long at = VipTable.ipv6PlaceOf(key.high, key.low, key.service, places.shift());
            long place = free(places, count, at, VipTable.IPV6_PLACE_SHIFT, VipTable.IPV6_VALUE_OFFSET);
            Memory.putLong(place, key.high);
            Memory.putLong(place + VipTable.IPV6_LOW_OFFSET, key.low);
            Memory.putLong(place + VipTable.IPV6_SERVICE_OFFSET, key.service);
            Memory.putLong(place + VipTable.IPV6_VALUE_OFFSET, key.value);
        }
        return places;
    }

    private static int placeCount(List<Key> keys) {
        return Math.max(8, Integer.highestOneBit(keys.size() * PLACES_PER_KEY) << 1);
    }

    private static VipTable.Places allocate(int count, int placeShift) {
        NativeMemory memory = NativeMemory.allocate((long) count << placeShift, true);
        return new VipTable.Places(memory, Integer.numberOfLeadingZeros(count) + 1 + Integer.SIZE);
    }

    /** {@return the first place without a value from index {@code at} on} */
    private static long free(VipTable.Places places, int count, long at, int placeShift, int valueOffset) {
        long index = at;
        while (true) {
            long place = places.address() + ((index++ & (count - 1)) << placeShift);
            if (Memory.getLong(place + valueOffset) == VipTable.NONE) {
                return place;
            }
        }
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
