package io.l4lb.punt;

import io.l4lb.dpdk.Memory;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;

/**
 * Sorts packets for the kernel, so that a flood of one class takes nothing from another. Routers do the same under the
 * name of control plane policing. Reads nothing beyond the frame; what cannot be told is {@link #OTHER}. Worker thread.
 */
final class PuntClass {
    /** ARP, and ICMPv6 types 133 to 137: who is where on the link. */
    static final int NEIGHBOUR = 0;
    /** BGP, BFD, OSPF, VRRP. */
    static final int ROUTING = 1;
    /** TCP of connections that exist, or pretend to. */
    static final int TCP = 2;
    /** The first packet of a TCP connection: what a SYN flood is of. */
    static final int TCP_SYN = 3;
    /** ICMP and ICMPv6: ping, errors. */
    static final int ICMP = 4;
    /** UDP, fragments, all that is unknown. */
    static final int OTHER = 5;

    static final int COUNT = 6;

    private static final int OSPF = 89;
    private static final int VRRP = 112;
    private static final int BGP_PORT_BE = Short.toUnsignedInt(Short.reverseBytes((short) 179));
    private static final int BFD_PORT_BE = Short.toUnsignedInt(Short.reverseBytes((short) 3784));
    private static final int BFD_ECHO_PORT_BE = Short.toUnsignedInt(Short.reverseBytes((short) 3785));
    private static final int BFD_MULTIHOP_PORT_BE = Short.toUnsignedInt(Short.reverseBytes((short) 4784));
    /** RFC 4861, section 4: router and neighbour solicitation and advertisement, redirect. */
    private static final int ND_FIRST = 133;

    private static final int ND_LAST = 137;
    /** Spreads sources over buckets; from xxHash (PRIME32_1). */
    private static final int MIX = 0x9e3779b1;

    private PuntClass() {}

    /** {@return the class in the low byte, above it a hash of who sent the frame, 24 bits} */
    static int of(long frame, int length) {
        int l3Offset = EthernetDescriptor.LENGTH_BYTES;
        int etherTypeBe = Memory.getUnsignedShort(frame + EthernetDescriptor.ETHER_TYPE_OFFSET);
        while (EthernetDescriptor.isVlanTag(etherTypeBe)
                && l3Offset + EthernetDescriptor.VLAN_TAG_LENGTH_BYTES <= length) {
            l3Offset += EthernetDescriptor.VLAN_TAG_LENGTH_BYTES;
            etherTypeBe = Memory.getUnsignedShort(frame + l3Offset - Short.BYTES);
        }
        long l3 = frame + l3Offset;
        int left = length - l3Offset;
        if (etherTypeBe == EthernetDescriptor.ETHER_TYPE_IPV4_BE && left >= Ipv4Descriptor.LENGTH_BYTES) {
            return result(ipv4(l3, left), Memory.getInt(l3 + Ipv4Descriptor.SOURCE_OFFSET));
        }
        if (etherTypeBe == EthernetDescriptor.ETHER_TYPE_IPV6_BE && left >= Ipv6Descriptor.LENGTH_BYTES) {
            long source = Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET)
                    ^ Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET + Long.BYTES);
            return result(ipv6(l3, left), (int) (source ^ (source >>> Integer.SIZE)));
        }
        int sourceMac = Memory.getInt(frame + EthernetDescriptor.SOURCE_OFFSET + Short.BYTES);
        return result(etherTypeBe == EthernetDescriptor.ETHER_TYPE_ARP_BE ? NEIGHBOUR : OTHER, sourceMac);
    }

    private static int result(int kind, int source) {
        return ((source * MIX) & ~0xff) | kind;
    }

    private static int ipv4(long l3, int left) {
        int l4Offset = (Memory.getByte(l3) & 0xf) << 2;
        boolean fragment =
                (Memory.getUnsignedShort(l3 + Ipv4Descriptor.FRAGMENT_OFFSET) & Ipv4Descriptor.FRAGMENT_MASK_BE) != 0;
        int protocol = Memory.getByte(l3 + Ipv4Descriptor.PROTOCOL_OFFSET) & 0xff;
        return fragment ? OTHER : l4(protocol, l3 + l4Offset, left - l4Offset);
    }

    /** Extension headers are not walked: what comes here with them is neither BGP nor ssh. */
    private static int ipv6(long l3, int left) {
        int protocol = Memory.getByte(l3 + Ipv6Descriptor.NEXT_HEADER_OFFSET) & 0xff;
        return l4(protocol, l3 + Ipv6Descriptor.LENGTH_BYTES, left - Ipv6Descriptor.LENGTH_BYTES);
    }

    private static int l4(int protocol, long l4, int left) {
        return switch (protocol) {
            case L4Descriptor.TCP -> left >= L4Descriptor.TCP_LENGTH_BYTES ? tcp(l4) : OTHER;
            case L4Descriptor.UDP -> left >= L4Descriptor.UDP_LENGTH_BYTES && isBfd(l4) ? ROUTING : OTHER;
            case L4Descriptor.ICMP -> ICMP;
            case L4Descriptor.ICMPV6 -> left >= L4Descriptor.ICMP_LENGTH_BYTES && isNd(l4) ? NEIGHBOUR : ICMP;
            case OSPF, VRRP -> ROUTING;
            default -> OTHER;
        };
    }

    private static int tcp(long l4) {
        if (Memory.getUnsignedShort(l4 + L4Descriptor.SOURCE_PORT_OFFSET) == BGP_PORT_BE
                || Memory.getUnsignedShort(l4 + L4Descriptor.DESTINATION_PORT_OFFSET) == BGP_PORT_BE) {
            return ROUTING;
        }
        int flags = Memory.getByte(l4 + L4Descriptor.TCP_FLAGS_OFFSET);
        return (flags & (L4Descriptor.TCP_SYN | L4Descriptor.TCP_ACK)) == L4Descriptor.TCP_SYN ? TCP_SYN : TCP;
    }

    private static boolean isBfd(long l4) {
        int portBe = Memory.getUnsignedShort(l4 + L4Descriptor.DESTINATION_PORT_OFFSET);
        return portBe == BFD_PORT_BE || portBe == BFD_ECHO_PORT_BE || portBe == BFD_MULTIHOP_PORT_BE;
    }

    private static boolean isNd(long l4) {
        int type = Memory.getByte(l4 + L4Descriptor.ICMP_TYPE_OFFSET) & 0xff;
        return type >= ND_FIRST && type <= ND_LAST;
    }
}
