package io.l4lb.encapsulate;

import io.l4lb.dpdk.Memory;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv6Descriptor;

/** Ethernet and outer IPv6 header of a packet: the template, and what differs per packet. Static, hot. */
final class OuterIpv6 {
    private static final int LENGTH_BYTES = EthernetDescriptor.LENGTH_BYTES + Ipv6Descriptor.LENGTH_BYTES;
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
     * Writes both headers: payload length, traffic class and a flow label from the flow's hash (RFC 6438), never 0, which
     * would mean "not labelled" (RFC 6437). Version to payload length stand 14 to 19 bytes from the frame's begin: in the
     * upper two bytes of the second word and the lower four of the third.
     *
     * @param template Ethernet and IPv6 header with zeros for traffic class, flow label and payload length
     * @param payloadLength bytes behind the outer IPv6 header
     */
    static void write(long frame, long template, int payloadLength, int trafficClass, long hash) {
        int label = (int) (hash >>> FLOW_LABEL_HASH_SHIFT) & FLOW_LABEL_MASK;
        int first = (trafficClass << TRAFFIC_CLASS_SHIFT) | (label == 0 ? 1 : label);
        long fieldsBe = Integer.toUnsignedLong(Integer.reverseBytes(first))
                | (Short.toUnsignedLong(Short.reverseBytes((short) payloadLength)) << Integer.SIZE);
        long second = Memory.getLong(template + Long.BYTES) | (fieldsBe << (3 * Short.SIZE));
        long third = Memory.getLong(template + 2 * Long.BYTES) | (fieldsBe >>> Short.SIZE);
        Memory.putLong(frame, Memory.getLong(template));
        Memory.putLong(frame + Long.BYTES, second);
        Memory.putLong(frame + 2 * Long.BYTES, third);
        copyLong(template, frame, 3 * Long.BYTES);
        copyLong(template, frame, 4 * Long.BYTES);
        copyLong(template, frame, 5 * Long.BYTES);
        copyLong(template, frame, LENGTH_BYTES - Long.BYTES);
    }

    private static void copyLong(long from, long to, int offset) {
        Memory.putLong(to + offset, Memory.getLong(from + offset));
    }
}
