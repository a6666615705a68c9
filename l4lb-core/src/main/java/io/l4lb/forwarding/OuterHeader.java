package io.l4lb.forwarding;

import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import io.l4lb.packet.EncapsulationDescriptor;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * The bytes in front of an inner packet, with zeros where each packet has its own: lengths, DSCP/ECN, checksum, flow
 * label, GUE source port. Cold.
 *
 * <p>IPv4: TTL 64, DF, ID 0 (RFC 2003, RFC 6864). IPv6: hop limit 64 (RFC 2473). See {@link EncapsulationDescriptor} for
 * what stands between.
 */
final class OuterHeader {
    private static final int IPV4_TYPE = 0x0800;
    private static final int IPV6_TYPE = 0x86dd;

    private OuterHeader() {}

    /** The two ends of the link that a packet leaves by. */
    record Link(MacAddress source, MacAddress nextHop) {}

    /** {@return Ethernet header (14), outer IP header (20 or 40), and GUE (12) or GRE (4)} */
    static byte[] template(Link link, IpAddress source, ForwardingNumbers.Destination to) {
        byte[] between = between(to);
        int protocol = switch (to.encapsulation()) {
            case GUE -> L4Descriptor.UDP;
            case GRE -> EncapsulationDescriptor.PROTOCOL_GRE;
            case IPIP -> innerProtocol(to);
            case L2 -> throw new IllegalArgumentException("l2 has no outer header");
        };
        boolean outerIpv6 = to.backend().ipv6();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(link.nextHop().bytes());
        bytes.writeBytes(link.source().bytes());
        int type = outerIpv6 ? IPV6_TYPE : IPV4_TYPE;
        bytes.write(type >> 8);
        bytes.write(type);
        bytes.writeBytes(outerIpv6 ? ipv6(protocol, source, to.backend()) : ipv4(protocol, source, to.backend()));
        bytes.writeBytes(between);
        return bytes.toByteArray();
    }

    /** {@return the two MACs of a frame that goes to a backend on the same segment} */
    static byte[] l2(MacAddress backend, MacAddress source) {
        return ByteBuffer.allocate(2 * EthernetDescriptor.MAC_LENGTH_BYTES)
                .put(backend.bytes())
                .put(source.bytes())
                .array();
    }

    private static int innerProtocol(ForwardingNumbers.Destination to) {
        return to.innerIpv6() ? EncapsulationDescriptor.PROTOCOL_IPV6 : EncapsulationDescriptor.PROTOCOL_IPV4;
    }

    private static byte[] ipv4(int protocol, IpAddress source, IpAddress destination) {
        return ByteBuffer.allocate(Ipv4Descriptor.LENGTH_BYTES)
                .put(Ipv4Descriptor.VERSION_IHL_OFFSET, (byte) Ipv4Descriptor.VERSION_IHL_PLAIN)
                .putShort(Ipv4Descriptor.FRAGMENT_OFFSET, Short.reverseBytes((short) Ipv4Descriptor.DONT_FRAGMENT_BE))
                .put(Ipv4Descriptor.TTL_OFFSET, (byte) EncapsulationDescriptor.OUTER_TTL)
                .put(Ipv4Descriptor.PROTOCOL_OFFSET, (byte) protocol)
                .put(Ipv4Descriptor.SOURCE_OFFSET, source.bytes())
                .put(Ipv4Descriptor.DESTINATION_OFFSET, destination.bytes())
                .array();
    }

    private static byte[] ipv6(int protocol, IpAddress source, IpAddress destination) {
        return ByteBuffer.allocate(Ipv6Descriptor.LENGTH_BYTES)
                .put(Ipv6Descriptor.VERSION_CLASS_LABEL_OFFSET, (byte) (Ipv6Descriptor.VERSION << 4))
                .put(Ipv6Descriptor.NEXT_HEADER_OFFSET, (byte) protocol)
                .put(Ipv6Descriptor.HOP_LIMIT_OFFSET, (byte) EncapsulationDescriptor.OUTER_TTL)
                .put(Ipv6Descriptor.SOURCE_OFFSET, source.bytes())
                .put(Ipv6Descriptor.DESTINATION_OFFSET, destination.bytes())
                .array();
    }

    private static byte[] between(ForwardingNumbers.Destination to) {
        return switch (to.encapsulation()) {
            case IPIP, L2 -> new byte[0];
            case GRE ->
                ByteBuffer.allocate(EncapsulationDescriptor.GRE_LENGTH_BYTES)
                        .putShort(EncapsulationDescriptor.GRE_TYPE_OFFSET, (short)
                                (to.innerIpv6() ? IPV6_TYPE : IPV4_TYPE))
                        .array();
            case GUE ->
                ByteBuffer.allocate(EncapsulationDescriptor.GUE_LENGTH_BYTES)
                        .putShort(L4Descriptor.DESTINATION_PORT_OFFSET, (short) to.guePort())
                        .put(EncapsulationDescriptor.GUE_PROTOCOL_OFFSET, (byte) innerProtocol(to))
                        .array();
        };
    }

    /** {@return what stands between outer IP header and inner packet, as {@link DestinationDescriptor} has it} */
    static int kindBetween(ForwardingNumbers.Destination to) {
        return switch (to.encapsulation()) {
            case IPIP, L2 -> DestinationDescriptor.NOTHING;
            case GRE -> DestinationDescriptor.GRE;
            case GUE -> DestinationDescriptor.GUE;
        };
    }
}
