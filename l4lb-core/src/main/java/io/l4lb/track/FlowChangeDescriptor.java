package io.l4lb.track;

import io.l4lb.dpdk.Memory;

/**
 * A slot of a {@link FlowChangeRing}: two on a cache line; written by a worker, read by the journal thread.
 *
 * <pre>
 *  0  clientHigh   8  first half of an IPv6 client's address; 0 for IPv4
 *  8  clientLow    8  its second half; IPv4: client address and both L4 ports
 * 16  state        8  {@link io.l4lb.flow.FlowStateDescriptor}: VIP and backend as {@link io.l4lb.replica.ReplicaNumbers} has them
 * 24  ports        4  both L4 ports; IPv6 only
 * 28  kind         2  {@link FlowChange}
 * 30  isIpv6       2  1 for IPv6
 * </pre>
 */
public final class FlowChangeDescriptor {
    static final int CLIENT_HIGH_OFFSET = 0;
    static final int CLIENT_LOW_OFFSET = CLIENT_HIGH_OFFSET + Long.BYTES;
    static final int STATE_OFFSET = CLIENT_LOW_OFFSET + Long.BYTES;
    static final int PORTS_OFFSET = STATE_OFFSET + Long.BYTES;
    static final int KIND_OFFSET = PORTS_OFFSET + Integer.BYTES;
    static final int IPV6_OFFSET = KIND_OFFSET + Short.BYTES;
    static final int LENGTH_BYTES = IPV6_OFFSET + Short.BYTES;

    private FlowChangeDescriptor() {}

    public static long clientHigh(long slot) {
        return Memory.getLong(slot + CLIENT_HIGH_OFFSET);
    }

    public static long clientLow(long slot) {
        return Memory.getLong(slot + CLIENT_LOW_OFFSET);
    }

    public static long state(long slot) {
        return Memory.getLong(slot + STATE_OFFSET);
    }

    public static int ports(long slot) {
        return Memory.getInt(slot + PORTS_OFFSET);
    }

    public static int kind(long slot) {
        return Memory.getShort(slot + KIND_OFFSET);
    }

    public static boolean isIpv6(long slot) {
        return Memory.getShort(slot + IPV6_OFFSET) != 0;
    }

    static void write(long slot, long clientHigh, long clientLow, long state, int ports, int kind, boolean ipv6) {
        Memory.putLong(slot + CLIENT_HIGH_OFFSET, clientHigh);
        Memory.putLong(slot + CLIENT_LOW_OFFSET, clientLow);
        Memory.putLong(slot + STATE_OFFSET, state);
        Memory.putInt(slot + PORTS_OFFSET, ports);
        Memory.putShort(slot + KIND_OFFSET, (short) kind);
        Memory.putShort(slot + IPV6_OFFSET, (short) (ipv6 ? 1 : 0));
    }
}
