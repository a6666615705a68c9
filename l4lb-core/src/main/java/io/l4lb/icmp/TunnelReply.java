package io.l4lb.icmp;

import io.l4lb.burst.Burst;
import io.l4lb.dpdk.Memory;
import io.l4lb.forwarding.VipTable;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.Ipv6Extensions;
import io.l4lb.packet.L4Descriptor;
import io.l4lb.quote.TunnelQuote;

/**
 * Makes of an ICMP error about an encapsulated packet the one that the client gets: from the VIP, quoting the inner packet, of that
 * packet's family. In the error's own mbuf; the inner packet stays where it is quoted. Static; worker thread.
 */
final class TunnelReply {
    /** In place of an MTU. */
    static final int UNREACHABLE = -1;

    /** RFC 792: the header and so much behind it. */
    private static final int L4_BYTES = 8;

    private TunnelReply() {}

    /** {@return the inner packet whose sender is to be told; 0: nobody is} {@code mtu}: what is left for the inner packet. */
    static long toBeTold(long[] columns, int i, VipTable vips, long record, int mtu) {
        long inner = TunnelQuote.inner(columns, i, record);
        int length = length(columns, i, inner);
        if (inner == 0 || length < Ipv4Descriptor.LENGTH_BYTES + L4_BYTES) {
            return 0;
        }
        boolean isTold =
                isIpv4(inner) ? isIpv4ToBeTold(inner, length, vips, mtu) : isIpv6ToBeTold(inner, length, vips, mtu);
        return isTold ? inner : 0;
    }

    static boolean isIpv4(long inner) {
        return Memory.getUnsignedByte(inner) >> 4 == Ipv4Descriptor.VERSION;
    }

    /** {@return the bytes that are quoted of the inner packet} */
    private static int length(long[] columns, int i, long inner) {
        return (int) (Burst.l3Address(columns, i) + Burst.l3Length(columns, i) - inner);
    }

    /** Not of a later fragment, an ICMP message, or what may be fragmented; and only to whom a VIP can have heard from. */
    private static boolean isIpv4ToBeTold(long inner, int length, VipTable vips, int mtu) {
        int headerLength = Ipv4Descriptor.headerLength(inner);
        int fragmentBe = Memory.getUnsignedShort(inner + Ipv4Descriptor.FRAGMENT_OFFSET);
        boolean isTold = mtu == UNREACHABLE
                || ((fragmentBe & Ipv4Descriptor.DONT_FRAGMENT_BE) != 0
                        && TunnelQuote.beShort(inner + Ipv4Descriptor.TOTAL_LENGTH_OFFSET) > mtu);
        return isTold
                && headerLength >= Ipv4Descriptor.LENGTH_BYTES
                && length >= headerLength + L4_BYTES
                && (fragmentBe & Ipv4Descriptor.FRAGMENT_OFFSET_MASK_BE) == 0
                && Memory.getUnsignedByte(inner + Ipv4Descriptor.PROTOCOL_OFFSET) != L4Descriptor.ICMP
                && Answerable.isHostIpv4(inner + Ipv4Descriptor.SOURCE_OFFSET, vips)
                && vips.isIpv4VipAddress(
                        Integer.toUnsignedLong(Memory.getInt(inner + Ipv4Descriptor.DESTINATION_OFFSET)));
    }

    /** Fragments, later ones too, are of TCP or UDP: no other reaches a backend. */
    private static boolean isIpv6ToBeTold(long inner, int length, VipTable vips, int mtu) {
        int innerBytes = length < Ipv6Descriptor.LENGTH_BYTES + L4_BYTES
                ? 0
                : Ipv6Descriptor.LENGTH_BYTES + TunnelQuote.beShort(inner + Ipv6Descriptor.PAYLOAD_LENGTH_OFFSET);
        boolean isTold =
                mtu == UNREACHABLE ? innerBytes != 0 : innerBytes > mtu && innerBytes > Ipv6Descriptor.MTU_MIN_BYTES;
        return isTold
                && Memory.getUnsignedByte(inner) >> 4 == Ipv6Descriptor.VERSION
                && isNoIcmpv6(inner, length)
                && Answerable.isHostIpv6(inner + Ipv6Descriptor.SOURCE_OFFSET, vips)
                && vips.isIpv6VipAddress(
                        Memory.getLong(inner + Ipv6Descriptor.DESTINATION_OFFSET),
                        Memory.getLong(inner + Ipv6Descriptor.DESTINATION_OFFSET + Long.BYTES));
    }

    /** Nor may be, as far as is quoted: extension headers may stand before it. */
    private static boolean isNoIcmpv6(long inner, int length) {
        int header = Ipv6Extensions.header(Ipv6Extensions.walkToL4(
                Memory.getUnsignedByte(inner + Ipv6Descriptor.NEXT_HEADER_OFFSET),
                inner + Ipv6Descriptor.LENGTH_BYTES,
                inner + length));
        return header != L4Descriptor.ICMPV6 && header < Ipv6Extensions.TRUNCATED;
    }

    /** {@return whether there was room for it} {@code inner}: as {@link #toBeTold} has it. */
    static boolean make(Burst burst, int i, long inner, int mtu, long sourceMac) {
        long[] columns = burst.columns();
        long mbuf = Burst.entry(burst.mbufs(), i);
        boolean ipv4 = isIpv4(inner);
        int length = length(columns, i, inner);
        long frame = Burst.frameAddress(columns, i);
        int linkLength = (int) (Burst.l3Address(columns, i) - frame);
        int headers =
                (ipv4 ? Ipv4Descriptor.LENGTH_BYTES : Ipv6Descriptor.LENGTH_BYTES) + L4Descriptor.ICMP_LENGTH_BYTES;
        long reply = inner - headers - linkLength;
        if (!LinkHeader.moveForReply(mbuf, frame, reply, linkLength, sourceMac)) {
            return false;
        }
        int typeBe = ipv4 ? EthernetDescriptor.ETHER_TYPE_IPV4_BE : EthernetDescriptor.ETHER_TYPE_IPV6_BE;
        Memory.putShort(reply + linkLength - Short.BYTES, (short) typeBe);
        int l3Length;
        if (ipv4) {
            int code = mtu == UNREACHABLE ? ErrorMessage.CODE_HOST_UNREACHABLE : ErrorMessage.CODE_FRAGMENTATION_NEEDED;
            l3Length = ErrorMessage.ipv4(inner, length, code, Math.max(mtu, 0));
        } else {
            l3Length = mtu == UNREACHABLE
                    ? ErrorMessage.ipv6Unreachable(inner, length, ErrorMessage.CODE_ADDRESS_UNREACHABLE)
                    : ErrorMessage.ipv6TooBig(inner, length, mtu);
        }
        LinkHeader.becomes(mbuf, reply, linkLength + l3Length);
        return true;
    }
}
