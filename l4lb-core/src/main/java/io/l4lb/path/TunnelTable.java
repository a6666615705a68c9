package io.l4lb.path;

import io.l4lb.flow.FlowHash;
import io.l4lb.net.IpAddress;
import java.util.Arrays;
import java.util.Map;

/**
 * A backend's address to its destinations: what an ICMP error that quotes an outer packet is looked up by. Open addressing at most at
 * half load; destinations of one address follow each other by their indices. Immutable.
 */
public final class TunnelTable {
    /** No (further) destination. */
    public static final int NONE = -1;

    private final long[] high;
    private final long[] low;
    private final int[] first;
    private final int[] next;
    private final int[] head;
    private final int mask;

    /**
     * @param addresses destination index to its backend's address, of those that have an outer header
     * @param indices how many destination indices there are
     */
    public TunnelTable(Map<Integer, IpAddress> addresses, int indices) {
        int size = Integer.highestOneBit(Math.max(1, addresses.size())) << 2;
        high = new long[size];
        low = new long[size];
        first = new int[size];
        next = new int[indices];
        mask = size - 1;
        Arrays.fill(first, NONE);
        addresses.forEach((destination, address) -> {
            long addressLow = address.ipv6() ? address.low() : ipv4((int) address.low());
            int place = place(address.high(), addressLow);
            high[place] = address.high();
            low[place] = addressLow;
            next[destination] = first[place];
            first[place] = destination;
        });
        head = new int[indices];
        for (int of : first) {
            for (int each = of; each != NONE; each = next[each]) {
                head[each] = of;
            }
        }
    }

    /** Outside what IPv6 can be: an IPv4 address stands for its mapped one (RFC 4291, section 2.5.5.2). */
    private static long ipv4(int address) {
        return 0xffff_0000_0000L | Integer.toUnsignedLong(address);
    }

    private int place(long addressHigh, long addressLow) {
        int place = (int) FlowHash.mix(FlowHash.mix(addressHigh) ^ addressLow) & mask;
        while (first[place] != NONE && (high[place] != addressHigh || low[place] != addressLow)) {
            place = (place + 1) & mask;
        }
        return place;
    }

    /** {@return the first destination of the backend with that IPv4 address, or {@link #NONE}} Memory order. */
    public int ofIpv4(int addressBe) {
        return first[place(0, ipv4(Integer.reverseBytes(addressBe)))];
    }

    /** {@return the same for an IPv6 address} Memory order. */
    public int ofIpv6(long highBe, long lowBe) {
        return first[place(Long.reverseBytes(highBe), Long.reverseBytes(lowBe))];
    }

    /** {@return the same for an address; cold} */
    public int of(IpAddress address) {
        return first[place(address.high(), address.ipv6() ? address.low() : ipv4((int) address.low()))];
    }

    /** {@return the first destination of the backend that this one is of} */
    public int firstOfSame(int destination) {
        return head[destination];
    }

    /** {@return the next destination of the same backend, or {@link #NONE}} */
    public int next(int destination) {
        return next[destination];
    }
}
