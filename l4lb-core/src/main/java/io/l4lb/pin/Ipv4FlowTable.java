package io.l4lb.pin;

import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowHash;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;

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

    /**
     * {@return the entry of that flow in that bucket, or 0} Which entry holds a flow cannot be predicted, so its offset is summed
     * up without a branch; that it is the flow's is then checked. Two flows of a client that differ in nothing but the VIP
     * may add up to a wrong entry: {@link #findInEither} finds them.
     */
    static long find(long bucket, long key, int vip) {
        long offset = (maskIfEqual(bucket + ENTRY_BYTES, key) & ENTRY_BYTES)
                | (maskIfEqual(bucket + 2 * ENTRY_BYTES, key) & (2 * ENTRY_BYTES))
                | (maskIfEqual(bucket + 3 * ENTRY_BYTES, key) & (3 * ENTRY_BYTES));
        long entry = bucket + offset;
        return matches(entry, key, vip) ? entry : 0;
    }

    private static long maskIfEqual(long entry, long key) {
        return zeroBits(entry, key) >> (Long.SIZE - 1);
    }

    /** {@return bits whose highest is set when the entry has that key} */
    private static long zeroBits(long entry, long key) {
        long difference = Memory.getLong(entry) ^ key;
        return (difference - 1) & ~difference;
    }

    /** {@return the entry of that flow in either bucket, or 0} */
    static long findInEither(long first, long second, long key, int vip) {
        if ((keyBits(first, key) | keyBits(second, key)) >= 0) {
            return 0;
        }
        for (long entry = first; entry < first + BUCKET_BYTES; entry += ENTRY_BYTES) {
            if (matches(entry, key, vip)) {
                return entry;
            }
        }
        for (long entry = second; entry < second + BUCKET_BYTES; entry += ENTRY_BYTES) {
            if (matches(entry, key, vip)) {
                return entry;
            }
        }
        return 0;
    }

    private static long keyBits(long bucket, long key) {
        return zeroBits(bucket, key)
                | zeroBits(bucket + ENTRY_BYTES, key)
                | zeroBits(bucket + 2 * ENTRY_BYTES, key)
                | zeroBits(bucket + 3 * ENTRY_BYTES, key);
    }

    private static boolean matches(long entry, long key, int vip) {
        return Memory.getLong(entry) == key
                && Memory.getLong(entry + STATE_OFFSET) >>> FlowStateDescriptor.VIP_SHIFT == vip;
    }

    /** {@return the address to write a new flow to, see {@link FlowTable#claim(int, int, long, long, int, long[])}} */
    long claim(long first, long second, int tick, long[] vipSeeds) {
        int least = Math.min(least(first, 0, tick), least(second, SECOND_BUCKET, tick));
        return claim(least, youth(first, tick) & youth(second, tick), first, second, tick, vipSeeds);
    }

    private static int least(long bucket, int index, int tick) {
        return Math.min(
                Math.min(candidate(state(bucket, 0), index, tick), candidate(state(bucket, 1), index + 1, tick)),
                Math.min(candidate(state(bucket, 2), index + 2, tick), candidate(state(bucket, 3), index + 3, tick)));
    }

    private static int youth(long bucket, int tick) {
        return FlowStateDescriptor.youth(state(bucket, 0), tick)
                & FlowStateDescriptor.youth(state(bucket, 1), tick)
                & FlowStateDescriptor.youth(state(bucket, 2), tick)
                & FlowStateDescriptor.youth(state(bucket, 3), tick);
    }

    private static long state(long bucket, int index) {
        return Memory.getLong(bucket + (long) index * ENTRY_BYTES + STATE_OFFSET);
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
