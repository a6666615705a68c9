package io.l4lb.quote;

import io.l4lb.burst.Burst;
import io.l4lb.dpdk.Memory;
import io.l4lb.forwarding.DestinationDescriptor;
import io.l4lb.packet.EncapsulationDescriptor;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;
import io.l4lb.path.TunnelTable;

/**
 * The outer packet that an ICMP error quotes, compared with what the node sends: addresses, protocol and all that a template has between
 * outer header and inner packet. 8 bytes of the latter have to be there (RFC 792). Static; worker thread.
 */
public final class TunnelQuote {
    private static final long TEMPLATE_L3 =
            DestinationDescriptor.TEMPLATE_OFFSET + (long) EthernetDescriptor.LENGTH_BYTES;
    private static final int QUOTED_BYTES = 8;

    private TunnelQuote() {}

    private static long quote(long[] columns, int i) {
        return Burst.l4Address(columns, i) + L4Descriptor.ICMP_LENGTH_BYTES;
    }

    /** {@return whether the error is to the address that the quoted packet is from} Of a quote that {@link #destination} found to be ours. */
    public static boolean isToSender(long[] columns, int i) {
        long l3 = Burst.l3Address(columns, i);
        long quote = quote(columns, i);
        if (Burst.l4Protocol(columns, i) == L4Descriptor.ICMP) {
            return Memory.getInt(l3 + Ipv4Descriptor.DESTINATION_OFFSET)
                    == Memory.getInt(quote + Ipv4Descriptor.SOURCE_OFFSET);
        }
        long to = l3 + Ipv6Descriptor.DESTINATION_OFFSET;
        long from = quote + Ipv6Descriptor.SOURCE_OFFSET;
        return Memory.getLong(to) == Memory.getLong(from)
                && Memory.getLong(to + Long.BYTES) == Memory.getLong(from + Long.BYTES);
    }

    /** {@return the bytes of the quote} */
    public static int length(long[] columns, int i) {
        return (int) (Burst.l3Address(columns, i) + Burst.l3Length(columns, i) - quote(columns, i));
    }

    /** {@return the destination that the quoted packet was sent to; {@link TunnelTable#NONE}: it is none of ours} */
    public static int destination(long[] columns, int i, TunnelTable tunnels, long destinations) {
        long quote = quote(columns, i);
        int length = length(columns, i);
        boolean ipv4 = Burst.l4Protocol(columns, i) == L4Descriptor.ICMP;
        if (length < (ipv4 ? Ipv4Descriptor.LENGTH_BYTES : Ipv6Descriptor.LENGTH_BYTES) + QUOTED_BYTES) {
            return TunnelTable.NONE;
        }
        long address = quote + (ipv4 ? Ipv4Descriptor.DESTINATION_OFFSET : Ipv6Descriptor.DESTINATION_OFFSET);
        int destination = ipv4
                ? tunnels.ofIpv4(Memory.getInt(address))
                : tunnels.ofIpv6(Memory.getLong(address), Memory.getLong(address + Long.BYTES));
        while (destination != TunnelTable.NONE
                && !isSentTo(quote, ipv4, destinations + ((long) destination << DestinationDescriptor.LENGTH_SHIFT))) {
            destination = tunnels.next(destination);
        }
        return destination;
    }

    private static boolean isSentTo(long quote, boolean ipv4, long record) {
        long template = record + TEMPLATE_L3;
        int kind = DestinationDescriptor.kind(record);
        return ipv4
                ? kind == DestinationDescriptor.OUTER_IPV4 && isIpv4SentTo(quote, template, record)
                : kind == DestinationDescriptor.OUTER_IPV6 && isIpv6SentTo(quote, template, record);
    }

    /** DF and identification 0, as whole packets have them: of outer fragments no error tells of an MTU. */
    private static boolean isIpv4SentTo(long quote, long template, long record) {
        return Memory.getUnsignedByte(quote) == Ipv4Descriptor.VERSION_IHL_PLAIN
                && Memory.getInt(quote + Ipv4Descriptor.IDENTIFICATION_OFFSET)
                        == Memory.getInt(template + Ipv4Descriptor.IDENTIFICATION_OFFSET)
                && Memory.getByte(quote + Ipv4Descriptor.PROTOCOL_OFFSET)
                        == Memory.getByte(template + Ipv4Descriptor.PROTOCOL_OFFSET)
                && Memory.getLong(quote + Ipv4Descriptor.SOURCE_OFFSET)
                        == Memory.getLong(template + Ipv4Descriptor.SOURCE_OFFSET)
                && isBetween(quote + Ipv4Descriptor.LENGTH_BYTES, template + Ipv4Descriptor.LENGTH_BYTES, record);
    }

    /** An outer fragment is too big when the path got narrower: a first one is compared like a whole packet, a later one as far as it can be. */
    private static boolean isIpv6SentTo(long quote, long template, long record) {
        if (Memory.getUnsignedByte(quote) >> 4 != Ipv6Descriptor.VERSION || !isSameAddresses(quote, template)) {
            return false;
        }
        byte nextHeader = Memory.getByte(template + Ipv6Descriptor.NEXT_HEADER_OFFSET);
        long behind = quote + Ipv6Descriptor.LENGTH_BYTES;
        return Memory.getUnsignedByte(quote + Ipv6Descriptor.NEXT_HEADER_OFFSET) == Ipv6Descriptor.FRAGMENT
                ? Memory.getByte(behind) == nextHeader
                : Memory.getByte(quote + Ipv6Descriptor.NEXT_HEADER_OFFSET) == nextHeader
                        && isBetween(behind, template + Ipv6Descriptor.LENGTH_BYTES, record);
    }

    private static boolean isSameAddresses(long quote, long template) {
        long difference = 0;
        for (int at = Ipv6Descriptor.SOURCE_OFFSET; at < Ipv6Descriptor.LENGTH_BYTES; at += Long.BYTES) {
            difference |= Memory.getLong(quote + at) ^ Memory.getLong(template + at);
        }
        return difference == 0;
    }

    /** GUE: the source port is one of ours, the destination port and a checksum of 0; GRE: its four bytes. */
    private static boolean isBetween(long quote, long template, long record) {
        return switch (DestinationDescriptor.betweenOf(DestinationDescriptor.head(record))) {
            case DestinationDescriptor.GUE ->
                Short.toUnsignedInt(Short.reverseBytes(Memory.getShort(quote)))
                                >= EncapsulationDescriptor.GUE_SOURCE_PORT_BASE
                        && Memory.getShort(quote + L4Descriptor.DESTINATION_PORT_OFFSET)
                                == Memory.getShort(template + L4Descriptor.DESTINATION_PORT_OFFSET)
                        && Memory.getShort(quote + L4Descriptor.UDP_CHECKSUM_OFFSET) == 0;
            case DestinationDescriptor.GRE -> Memory.getInt(quote) == Memory.getInt(template);
            default -> true;
        };
    }

    /** {@return the length of the packet that was sent, as its header has it} */
    public static int sentBytes(long[] columns, int i, boolean ipv4) {
        long quote = quote(columns, i);
        return ipv4
                ? beShort(quote + Ipv4Descriptor.TOTAL_LENGTH_OFFSET)
                : Ipv6Descriptor.LENGTH_BYTES + beShort(quote + Ipv6Descriptor.PAYLOAD_LENGTH_OFFSET);
    }

    /** {@return where the inner packet begins; 0: nowhere in the quote, as of a fragment} */
    public static long inner(long[] columns, int i, long record) {
        long quote = quote(columns, i);
        boolean ipv4 = Burst.l4Protocol(columns, i) == L4Descriptor.ICMP;
        if (!ipv4 && Memory.getUnsignedByte(quote + Ipv6Descriptor.NEXT_HEADER_OFFSET) == Ipv6Descriptor.FRAGMENT) {
            return 0;
        }
        int headers = DestinationDescriptor.headerLengthOf(DestinationDescriptor.head(record));
        return quote + headers - EthernetDescriptor.LENGTH_BYTES;
    }

    public static int beShort(long address) {
        return Short.toUnsignedInt(Short.reverseBytes(Memory.getShort(address)));
    }
}
