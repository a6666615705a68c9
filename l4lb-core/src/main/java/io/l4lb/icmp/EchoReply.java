package io.l4lb.icmp;

import io.l4lb.dpdk.Memory;
import io.l4lb.packet.EncapsulationDescriptor;
import io.l4lb.packet.InternetChecksum;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;

/**
 * Turns an echo request to a VIP into its reply, in place (RFC 792, RFC 4443): addresses swapped, type changed, TTL or
 * hop limit fresh, checksums updated. The payload is not touched, whatever its length. Worker thread.
 */
final class EchoReply {
    private EchoReply() {}

    /** The frame must hold a whole IPv4 header at {@code l3} and an ICMP message of {@code l4Length} bytes at {@code l4}. */
    static void ipv4(long frame, long l3, long l4, int l4Length, long sourceMac) {
        LinkHeader.reply(frame, sourceMac);
        int source = Memory.getInt(l3 + Ipv4Descriptor.SOURCE_OFFSET);
        Memory.putInt(l3 + Ipv4Descriptor.SOURCE_OFFSET, Memory.getInt(l3 + Ipv4Descriptor.DESTINATION_OFFSET));
        Memory.putInt(l3 + Ipv4Descriptor.DESTINATION_OFFSET, source);
        // TTL and protocol share one word of the checksum; swapping the addresses does not change the sum
        int before = Memory.getUnsignedShort(l3 + Ipv4Descriptor.TTL_OFFSET);
        Memory.putByte(l3 + Ipv4Descriptor.TTL_OFFSET, (byte) EncapsulationDescriptor.OUTER_TTL);
        updateChecksum(
                l3 + Ipv4Descriptor.CHECKSUM_OFFSET, before, Memory.getUnsignedShort(l3 + Ipv4Descriptor.TTL_OFFSET));
        changeType(l4, L4Descriptor.ICMP_ECHO_REPLY);
        if (Memory.getShort(l4 + L4Descriptor.ICMP_CHECKSUM_OFFSET) == 0 && isZero(l4, l4Length)) {
            Memory.putShort(l4 + L4Descriptor.ICMP_CHECKSUM_OFFSET, (short) 0xffff);
        }
    }

    /**
     * RFC 1624's update cannot tell a message of zeros only, whose checksum is ffff, from one whose words add up to
     * ffff, whose checksum is 0: a receiver would drop the former's reply. Type 0 alone has such messages; ICMPv6 sums
     * the addresses too.
     */
    private static boolean isZero(long l4, int l4Length) {
        int evenLength = l4Length & ~1;
        return InternetChecksum.sum(l4, evenLength) == 0
                && (evenLength == l4Length || Memory.getByte(l4 + evenLength) == 0);
    }

    /** The frame must hold a whole IPv6 header at {@code l3} and a whole ICMPv6 header at {@code l4}. */
    static void ipv6(long frame, long l3, long l4, long sourceMac) {
        LinkHeader.reply(frame, sourceMac);
        long sourceHigh = Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET);
        long sourceLow = Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET + Long.BYTES);
        Memory.putLong(l3 + Ipv6Descriptor.SOURCE_OFFSET, Memory.getLong(l3 + Ipv6Descriptor.DESTINATION_OFFSET));
        Memory.putLong(
                l3 + Ipv6Descriptor.SOURCE_OFFSET + Long.BYTES,
                Memory.getLong(l3 + Ipv6Descriptor.DESTINATION_OFFSET + Long.BYTES));
        Memory.putLong(l3 + Ipv6Descriptor.DESTINATION_OFFSET, sourceHigh);
        Memory.putLong(l3 + Ipv6Descriptor.DESTINATION_OFFSET + Long.BYTES, sourceLow);
        Memory.putByte(l3 + Ipv6Descriptor.HOP_LIMIT_OFFSET, (byte) EncapsulationDescriptor.OUTER_TTL);
        changeType(l4, L4Descriptor.ICMPV6_ECHO_REPLY);
    }

    private static void changeType(long l4, int type) {
        int before = Memory.getUnsignedShort(l4);
        Memory.putByte(l4 + L4Descriptor.ICMP_TYPE_OFFSET, (byte) type);
        updateChecksum(l4 + L4Descriptor.ICMP_CHECKSUM_OFFSET, before, Memory.getUnsignedShort(l4));
    }

    private static void updateChecksum(long field, int before, int after) {
        Memory.putShort(field, (short) InternetChecksum.update(Memory.getUnsignedShort(field), before, after));
    }
}
