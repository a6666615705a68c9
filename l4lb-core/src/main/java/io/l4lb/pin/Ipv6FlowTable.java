package io.l4lb.pin;

import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowHash;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;

/**
 * IPv6 flows, two 32-byte entries a cache line.
 *
 * <pre>
 *  0  client address, first 8 bytes, memory order
 *  8  client address, last 8 bytes
 * 16  both L4 ports, 4 bytes, memory order
 * 20  zero, 4 bytes
 * 24  state, 8 bytes, {@link FlowStateDescriptor}
 * </pre>
 */
final class Ipv6FlowTable extends FlowTable {
    static final int ENTRY_BYTES = 32;
    static final int LOW_OFFSET = Long.BYTES;
    static final int PORTS_OFFSET = LOW_OFFSET + Long.BYTES;
    static final int STATE_OFFSET = ENTRY_BYTES - Long.BYTES;

    Ipv6FlowTable(int flows, boolean populate, FlowTimeouts timeouts, FlowTableStatistics statistics) {
        super(flows, ENTRY_BYTES, populate, timeouts, statistics);
    }

    /** {@return the entry of that flow in that bucket, or 0}; without a branch on which of the two it is */
    static long find(long bucket, long high, long low, int ports, int vip) {
        long second = difference(bucket + ENTRY_BYTES, high, low, ports, vip);
        long entry = bucket + ((((second - 1) & ~second) >> (Long.SIZE - 1)) & ENTRY_BYTES);
        return difference(entry, high, low, ports, vip) == 0 ? entry : 0;
    }

    /** {@return 0 when the entry is that flow's} */
    private static long difference(long entry, long high, long low, int ports, int vip) {
        return (Memory.getLong(entry) ^ high)
                | (Memory.getLong(entry + LOW_OFFSET) ^ low)
                | (Memory.getLong(entry + PORTS_OFFSET) ^ Integer.toUnsignedLong(ports))
                | ((Memory.getLong(entry + STATE_OFFSET) >>> FlowStateDescriptor.VIP_SHIFT) ^ vip);
    }

    /** {@return the entry of that flow in either bucket, or 0} */
    static long findInEither(long first, long second, long high, long low, int ports, int vip) {
        long entry = find(second, high, low, ports, vip);
        return entry != 0 ? entry : find(first, high, low, ports, vip);
    }

    /** {@return the address to write a new flow to, see {@link FlowTable#claim(int, int, long, long, int, long[])}} */
    long claim(long first, long second, int tick, long[] vipSeeds) {
        long a = Memory.getLong(first + STATE_OFFSET);
        long b = Memory.getLong(first + ENTRY_BYTES + STATE_OFFSET);
        long c = Memory.getLong(second + STATE_OFFSET);
        long d = Memory.getLong(second + ENTRY_BYTES + STATE_OFFSET);
        int least = Math.min(
                Math.min(candidate(a, 0, tick), candidate(b, 1, tick)),
                Math.min(candidate(c, SECOND_BUCKET, tick), candidate(d, SECOND_BUCKET + 1, tick)));
        int youth = FlowStateDescriptor.youth(a, tick)
                & FlowStateDescriptor.youth(b, tick)
                & FlowStateDescriptor.youth(c, tick)
                & FlowStateDescriptor.youth(d, tick);
        return claim(least, youth, first, second, tick, vipSeeds);
    }

    static void write(long entry, long high, long low, int ports, long state) {
        Memory.putLong(entry, high);
        Memory.putLong(entry + LOW_OFFSET, low);
        Memory.putLong(entry + PORTS_OFFSET, Integer.toUnsignedLong(ports));
        Memory.putLong(entry + STATE_OFFSET, state);
    }

    @Override
    long hashOf(long entry, long[] vipSeeds) {
        int vip = FlowStateDescriptor.vip(Memory.getLong(entry + STATE_OFFSET));
        return FlowHash.ipv6(
                Memory.getLong(entry),
                Memory.getLong(entry + LOW_OFFSET),
                Memory.getInt(entry + PORTS_OFFSET),
                vipSeeds[vip]);
    }
}
