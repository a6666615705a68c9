package io.l4lb.replica;

import io.l4lb.flow.FlowHash;
import io.l4lb.net.IpAddress;
import java.util.Arrays;

/**
 * Numbers from 0 up for addresses, each with a tag of 8 bits; none is ever taken back. Open addressing, at most half full; a known
 * address is found without allocation. Not thread-safe: {@link ReplicaNumbers} guards it. At most {@code max} addresses.
 */
final class AddressNumbers {
    private static final int FREE = -1;
    private static final int FIRST_ADDRESSES = 64;

    private final int max;
    private IpAddress[] addresses = new IpAddress[FIRST_ADDRESSES];
    private byte[] tags = new byte[FIRST_ADDRESSES];
    private int[] slots = freeSlots(FIRST_ADDRESSES);
    private int count;

    AddressNumbers(int max) {
        this.max = max;
    }

    private static int[] freeSlots(int capacity) {
        int[] slots = new int[capacity * 2];
        Arrays.fill(slots, FREE);
        return slots;
    }

    /** {@return the number, a new one if there is none yet; {@link ReplicaNumbers#NO_NUMBER} if there is no room} */
    int number(long high, long low, boolean ipv6, int tag) {
        int slot = slot(high, low, ipv6, tag);
        if (slots[slot] != FREE) {
            return slots[slot];
        }
        return count == max ? ReplicaNumbers.NO_NUMBER : add(new IpAddress(ipv6, high, low), tag);
    }

    int count() {
        return count;
    }

    IpAddress address(int number) {
        checkKnown(number);
        return addresses[number];
    }

    int tag(int number) {
        checkKnown(number);
        return tags[number] & 0xff;
    }

    private void checkKnown(int number) {
        if (number < 0 || number >= count) {
            throw new IllegalArgumentException("number " + number + " was never given, " + count + " were");
        }
    }

    private int add(IpAddress address, int tag) {
        if (count == addresses.length) {
            grow();
        }
        addresses[count] = address;
        tags[count] = (byte) tag;
        slots[slot(address.high(), address.low(), address.ipv6(), tag)] = count;
        return count++;
    }

    private void grow() {
        int capacity = Math.min(max, addresses.length * 2);
        addresses = Arrays.copyOf(addresses, capacity);
        tags = Arrays.copyOf(tags, capacity);
        slots = freeSlots(capacity);
        for (int number = 0; number < count; number++) {
            IpAddress address = addresses[number];
            slots[slot(address.high(), address.low(), address.ipv6(), tag(number))] = number;
        }
    }

    /** {@return the slot that holds that address, or the free one where it belongs} */
    private int slot(long high, long low, boolean ipv6, int tag) {
        long hash = FlowHash.mix(FlowHash.mix(high) ^ low) + tag + (ipv6 ? 256 : 0);
        int slot = (int) Long.remainderUnsigned(FlowHash.mix(hash), slots.length);
        while (slots[slot] != FREE && !isAt(slots[slot], high, low, ipv6, tag)) {
            slot = slot + 1 == slots.length ? 0 : slot + 1;
        }
        return slot;
    }

    private boolean isAt(int number, long high, long low, boolean ipv6, int tag) {
        IpAddress address = addresses[number];
        return address.low() == low && address.high() == high && address.ipv6() == ipv6 && tag(number) == tag;
    }
}
