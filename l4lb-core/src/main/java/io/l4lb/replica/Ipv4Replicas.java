package io.l4lb.replica;

import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowEventSink;
import io.l4lb.flow.FlowHash;
import io.l4lb.flow.FlowStateDescriptor;

/** IPv4 flows of the replica table, a bucket a cache line; the key is the client's address and both L4 ports. */
public final class Ipv4Replicas extends ReplicaBuckets {
    static final int ENTRY_BYTES = 16;
    private static final int STATE_OFFSET = ENTRY_BYTES - Long.BYTES;
    private static final int BUCKET_BYTES = ENTRIES * ENTRY_BYTES;

    Ipv4Replicas(int flows) {
        super(flows, ENTRY_BYTES);
    }

    /**
     * {@return the state word of that flow, or 0} Worker thread, both buckets prefetched.
     *
     * @param vip number of the VIP's address and protocol
     */
    public static long find(long first, long second, long key, int vip) {
        if ((keyBits(first, key) | keyBits(second, key)) >= 0) {
            return 0; // nearly all that look here begin a flow
        }
        long state = findIn(first, key, vip);
        return state != 0 ? state : findIn(second, key, vip);
    }

    /** {@return bits whose highest is set when one of the entries has that key} */
    private static long keyBits(long bucket, long key) {
        return zeroBits(bucket, key)
                | zeroBits(bucket + ENTRY_BYTES, key)
                | zeroBits(bucket + 2 * ENTRY_BYTES, key)
                | zeroBits(bucket + 3 * ENTRY_BYTES, key);
    }

    private static long zeroBits(long entry, long key) {
        long difference = Memory.getLong(entry) ^ key;
        return (difference - 1) & ~difference;
    }

    private static long findIn(long bucket, long key, int vip) {
        for (long entry = bucket; entry < bucket + BUCKET_BYTES; entry += ENTRY_BYTES) {
            long state = Memory.getLongAcquire(entry + STATE_OFFSET);
            if (FlowStateDescriptor.vip(state) == vip
                    && Memory.getLongAcquire(entry) == key
                    && Memory.getLongAcquire(entry + STATE_OFFSET) == state) {
                return state;
            }
        }
        return 0;
    }

    @Override
    boolean hasKey(long entry, long high, long low, int ports) {
        return Memory.getLong(entry) == low;
    }

    @Override
    void putKey(long entry, long high, long low, int ports) {
        Memory.putLongRelease(entry, low);
    }

    @Override
    void tell(long entry, long state, int ageSeconds, FlowEventSink sink) {
        long key = Memory.getLongAcquire(entry);
        long claim = claim(entry);
        if (isStill(entry, state)) {
            int vip = FlowStateDescriptor.vip(state);
            int code = FlowStateDescriptor.code(state);
            sink.ipv4(
                    key,
                    vip,
                    backend(state),
                    code,
                    ClaimDescriptor.isProven(claim),
                    ClaimDescriptor.lamport(claim),
                    ClaimDescriptor.node(claim),
                    ageSeconds);
        }
    }

    @Override
    long hash(long high, long low, int ports, long vipSeed) {
        return FlowHash.ipv4(low, vipSeed);
    }
}
