package io.l4lb.pin;

import io.l4lb.dpdk.Memory;
import io.l4lb.forwarding.FlowHash;

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

    /** {@return the entry of that flow in that bucket, or 0} */
    static long find(long bucket, long high, long low, int ports, int vip) {
        if (matches(bucket, high, low, ports, vip)) {
            return bucket;
        }
        return matches(bucket + ENTRY_BYTES, high, low, ports, vip) ? bucket + ENTRY_BYTES : 0;
    }

    private static boolean matches(long entry, long high, long low, int ports, int vip) {
        return Memory.getLong(entry + LOW_OFFSET) == low
                && Memory.getLong(entry) == high
                && Memory.getInt(entry + PORTS_OFFSET) == ports
                && Memory.getLong(entry + STATE_OFFSET) >>> FlowStateDescriptor.VIP_SHIFT == vip;
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
