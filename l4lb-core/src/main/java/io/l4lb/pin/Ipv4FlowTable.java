package io.l4lb.pin;

import io.l4lb.dpdk.Memory;
import io.l4lb.forwarding.FlowHash;

/**
 * IPv4 flows, four 16-byte entries a cache line.
 *
 * <pre>
 *  0  key    8  client address (high half) and both L4 ports (low half), memory order
 *  8  state  8  {@link FlowStateDescriptor}
 * </pre>
 *
 * <p>The VIP number in the state stands for VIP address and protocol; together with the key it is the 5-tuple, of an
 * any-port VIP too.
 */
final class Ipv4FlowTable extends FlowTable {
    static final int ENTRY_BYTES = 16;
    static final int STATE_OFFSET = ENTRY_BYTES - Long.BYTES;

    Ipv4FlowTable(int flows, boolean populate, FlowTimeouts timeouts, FlowTableStatistics statistics) {
        super(flows, ENTRY_BYTES, populate, timeouts, statistics);
    }

    /** {@return the entry of that flow in that bucket, or 0}; unrolled, as C2 keeps the address sums in loops */
    static long find(long bucket, long key, int vip) {
        if (matches(bucket, key, vip)) {
            return bucket;
        }
        if (matches(bucket + ENTRY_BYTES, key, vip)) {
            return bucket + ENTRY_BYTES;
        }
        if (matches(bucket + 2 * ENTRY_BYTES, key, vip)) {
            return bucket + 2 * ENTRY_BYTES;
        }
        if (matches(bucket + 3 * ENTRY_BYTES, key, vip)) {
            return bucket + 3 * ENTRY_BYTES;
        }
        return 0;
    }

    private static boolean matches(long entry, long key, int vip) {
        return Memory.getLong(entry) == key
                && Memory.getLong(entry + STATE_OFFSET) >>> FlowStateDescriptor.VIP_SHIFT == vip;
    }

    static void write(long entry, long key, long state) {
        Memory.putLong(entry, key);
        Memory.putLong(entry + STATE_OFFSET, state);
    }

    @Override
    long hashOf(long entry, long[] vipSeeds) {
        int vip = FlowStateDescriptor.vip(Memory.getLong(entry + STATE_OFFSET));
        return FlowHash.ipv4(Memory.getLong(entry), vipSeeds[vip]);
    }
}
