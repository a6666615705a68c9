package io.l4lb.encapsulate;

import io.l4lb.dpdk.Memory;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv6Descriptor;

/** What differs per packet in an outer IPv6 header. Static, hot. */
final class OuterIpv6 {
    private static final int FLOW_LABEL_MASK = 0xfffff;
    /** Not the bits of the GUE source port: two fields for the network to spread flows by. */
    private static final int FLOW_LABEL_HASH_SHIFT = 14;

    private static final int TRAFFIC_CLASS_SHIFT = 20;

    private OuterIpv6() {}

    /** {@return DSCP and ECN of an inner IPv6 header} */
    static int trafficClass(long l3) {
        return (Integer.reverseBytes(Memory.getInt(l3)) >>> TRAFFIC_CLASS_SHIFT) & 0xff;
    }

    /**
     * Writes payload length, traffic class and a flow label from the flow's hash (RFC 6438), never 0, which would mean
     * "not labelled" (RFC 6437).
     */
    static void fill(long frame, int frameLength, int trafficClass, long hash) {
        long l3 = frame + EthernetDescriptor.LENGTH_BYTES;
        int label = (int) (hash >>> FLOW_LABEL_HASH_SHIFT) & FLOW_LABEL_MASK;
        int first = (Ipv6Descriptor.VERSION << 28) | (trafficClass << TRAFFIC_CLASS_SHIFT) | (label == 0 ? 1 : label);
        Memory.putInt(l3, Integer.reverseBytes(first));
        int payloadLength = frameLength - EthernetDescriptor.LENGTH_BYTES - Ipv6Descriptor.LENGTH_BYTES;
        Memory.putShort(l3 + Ipv6Descriptor.PAYLOAD_LENGTH_OFFSET, Short.reverseBytes((short) payloadLength));
    }
}
