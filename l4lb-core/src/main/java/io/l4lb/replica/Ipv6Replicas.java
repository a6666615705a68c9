package io.l4lb.replica;

import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowEventSink;
import io.l4lb.flow.FlowHash;
import io.l4lb.flow.FlowStateDescriptor;

/** IPv6 flows of the replica table, a bucket two cache lines; the key is the client's address, then both L4 ports and four zero bytes. */
public final class Ipv6Replicas extends ReplicaBuckets {
    static final int ENTRY_BYTES = 32;
    /** From a bucket's first cache line to its second, to prefetch it. */
    public static final int SECOND_LINE_OFFSET = 64;

    private static final int LOW_OFFSET = Long.BYTES;
    private static final int PORTS_OFFSET = LOW_OFFSET + Long.BYTES;
    private static final int STATE_OFFSET = ENTRY_BYTES - Long.BYTES;
    private static final int BUCKET_BYTES = ENTRIES * ENTRY_BYTES;

    Ipv6Replicas(int flows) {
        super(flows, ENTRY_BYTES);
    }

    /** {@return the state word of that flow, or 0} As {@link Ipv4Replicas#find}. */
    public static long find(long first, long second, long high, long low, int ports, int vip) {
        long state = findIn(first, high, low, ports, vip);
        return state != 0 ? state : findIn(second, high, low, ports, vip);
    }

    private static long findIn(long bucket, long high, long low, int ports, int vip) {
        for (long entry = bucket; entry < bucket + BUCKET_BYTES; entry += ENTRY_BYTES) {
            long state = Memory.getLongAcquire(entry + STATE_OFFSET);
            if (FlowStateDescriptor.vip(state) == vip
                    && keyIs(entry, high, low, ports)
                    && Memory.getLongAcquire(entry + STATE_OFFSET) == state) {
                return state;
            }
        }
        return 0;
    }

    private static boolean keyIs(long entry, long high, long low, int ports) {
        return Memory.getLongAcquire(entry) == high
                && Memory.getLongAcquire(entry + LOW_OFFSET) == low
                && (int) Memory.getLongAcquire(entry + PORTS_OFFSET) == ports;
    }

    @Override
    boolean hasKey(long entry, long high, long low, int ports) {
        return keyIs(entry, high, low, ports);
    }

    @Override
    void putKey(long entry, long high, long low, int ports) {
        Memory.putLongRelease(entry, high);
        Memory.putLongRelease(entry + LOW_OFFSET, low);
        Memory.putLongRelease(entry + PORTS_OFFSET, Integer.toUnsignedLong(ports));
    }

    @Override
    void tell(long entry, long state, int ageSeconds, FlowEventSink sink) {
        long high = Memory.getLongAcquire(entry);
        long low = Memory.getLongAcquire(entry + LOW_OFFSET);
        int ports = (int) Memory.getLongAcquire(entry + PORTS_OFFSET);
        long claim = claim(entry);
        if (isStill(entry, state)) {
            int vip = FlowStateDescriptor.vip(state);
            int code = FlowStateDescriptor.code(state);
            sink.ipv6(
                    high,
                    low,
                    ports,
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
        return FlowHash.ipv6(high, low, ports, vipSeed);
    }
}
