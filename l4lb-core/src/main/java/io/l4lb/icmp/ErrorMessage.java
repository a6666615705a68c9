package io.l4lb.icmp;

import io.l4lb.dpdk.Memory;
import io.l4lb.packet.EncapsulationDescriptor;
import io.l4lb.packet.InternetChecksum;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;

/**
 * Writes the headers of an ICMP error before the packet that it quotes, from that packet's destination to its source. Hot, but for few
 * packets. Quotes are cut to an even length, so that they add up in whole words.
 */
final class ErrorMessage {
    /** RFC 1812, section 4.3.2.3: as much as fits 576 bytes. */
    private static final int IPV4_BYTES_MAX = 576;
    /** RFC 4443, section 2.4 (c): as much as fits the least MTU of IPv6, and no link may be said to carry less. */
    private static final int IPV6_BYTES_MAX = 1280;

    /** Precedence "internetwork control", as routers' errors have it (RFC 1812, section 4.3.2.5). */
    private static final int INTERNETWORK_CONTROL = 0xc0;

    private static final int TYPE_UNREACHABLE = 3;
    static final int CODE_HOST_UNREACHABLE = 1;
    static final int CODE_PORT_UNREACHABLE = 3;
    static final int CODE_FRAGMENTATION_NEEDED = 4;
    private static final int TYPE_PACKET_TOO_BIG = 2;
    private static final int TYPE_UNREACHABLE_IPV6 = 1;
    static final int CODE_ADDRESS_UNREACHABLE = 3;
    static final int CODE_PORT_UNREACHABLE_IPV6 = 4;
    static final int MTU_OFFSET = 4;

    private ErrorMessage() {}

    /**
     * Destination unreachable. {@return the length of the IP packet, which ends inside the one at {@code quote} of that length}
     *
     * @param mtu with {@link #CODE_FRAGMENTATION_NEEDED}; else 0
     */
    static int ipv4(long quote, int length, int code, int mtu) {
        int headers = Ipv4Descriptor.LENGTH_BYTES + L4Descriptor.ICMP_LENGTH_BYTES;
        int total = headers + (Math.min(length, IPV4_BYTES_MAX - headers) & ~1);
        long icmp = quote - L4Descriptor.ICMP_LENGTH_BYTES;
        long l3 = icmp - Ipv4Descriptor.LENGTH_BYTES;
        int source = Memory.getInt(quote + Ipv4Descriptor.SOURCE_OFFSET);
        int destination = Memory.getInt(quote + Ipv4Descriptor.DESTINATION_OFFSET);
        Memory.putByte(l3, (byte) Ipv4Descriptor.VERSION_IHL_PLAIN);
        Memory.putByte(l3 + Ipv4Descriptor.DSCP_ECN_OFFSET, (byte) INTERNETWORK_CONTROL);
        putShortBe(l3 + Ipv4Descriptor.TOTAL_LENGTH_OFFSET, total);
        Memory.putShort(l3 + Ipv4Descriptor.IDENTIFICATION_OFFSET, (short) 0);
        Memory.putShort(l3 + Ipv4Descriptor.FRAGMENT_OFFSET, (short) Ipv4Descriptor.DONT_FRAGMENT_BE);
        Memory.putByte(l3 + Ipv4Descriptor.TTL_OFFSET, (byte) EncapsulationDescriptor.OUTER_TTL);
        Memory.putByte(l3 + Ipv4Descriptor.PROTOCOL_OFFSET, (byte) L4Descriptor.ICMP);
        Memory.putInt(l3 + Ipv4Descriptor.SOURCE_OFFSET, destination);
        Memory.putInt(l3 + Ipv4Descriptor.DESTINATION_OFFSET, source);
        putChecksum(l3 + Ipv4Descriptor.CHECKSUM_OFFSET, l3, Ipv4Descriptor.LENGTH_BYTES, 0);
        putIcmp(icmp, TYPE_UNREACHABLE, code, mtu, total - Ipv4Descriptor.LENGTH_BYTES, 0);
        return total;
    }

    /** Packet too big. {@return the length of the IP packet, which ends inside the one at {@code quote} of that length} */
    static int ipv6TooBig(long quote, int length, int mtu) {
        return ipv6(quote, length, TYPE_PACKET_TOO_BIG, 0, Math.max(mtu, IPV6_BYTES_MAX));
    }

    /** Destination unreachable. {@return as the others} */
    static int ipv6Unreachable(long quote, int length, int code) {
        return ipv6(quote, length, TYPE_UNREACHABLE_IPV6, code, 0);
    }

    private static int ipv6(long quote, int length, int type, int code, int rest) {
        int headers = Ipv6Descriptor.LENGTH_BYTES + L4Descriptor.ICMP_LENGTH_BYTES;
        int total = headers + (Math.min(length, IPV6_BYTES_MAX - headers) & ~1);
        int payload = total - Ipv6Descriptor.LENGTH_BYTES;
        long icmp = quote - L4Descriptor.ICMP_LENGTH_BYTES;
        long l3 = icmp - Ipv6Descriptor.LENGTH_BYTES;
        Memory.putInt(l3, Integer.reverseBytes(Ipv6Descriptor.VERSION << 28));
        putShortBe(l3 + Ipv6Descriptor.PAYLOAD_LENGTH_OFFSET, payload);
        Memory.putByte(l3 + Ipv6Descriptor.NEXT_HEADER_OFFSET, (byte) L4Descriptor.ICMPV6);
        Memory.putByte(l3 + Ipv6Descriptor.HOP_LIMIT_OFFSET, (byte) EncapsulationDescriptor.OUTER_TTL);
        copyAddress(quote + Ipv6Descriptor.DESTINATION_OFFSET, l3 + Ipv6Descriptor.SOURCE_OFFSET);
        copyAddress(quote + Ipv6Descriptor.SOURCE_OFFSET, l3 + Ipv6Descriptor.DESTINATION_OFFSET);
        putIcmp(icmp, type, code, rest, payload, IcmpChecksum.pseudoHeader(l3, payload));
        return total;
    }

    private static void putIcmp(long icmp, int type, int code, int mtu, int length, int pseudoHeader) {
        Memory.putByte(icmp + L4Descriptor.ICMP_TYPE_OFFSET, (byte) type);
        Memory.putByte(icmp + L4Descriptor.ICMP_TYPE_OFFSET + 1, (byte) code);
        Memory.putInt(icmp + MTU_OFFSET, Integer.reverseBytes(mtu)); // ICMP's has 16 bits, behind 16 of zero
        putChecksum(icmp + L4Descriptor.ICMP_CHECKSUM_OFFSET, icmp, length, pseudoHeader);
    }

    private static void putChecksum(long field, long from, int length, int sumBefore) {
        Memory.putShort(field, (short) 0);
        Memory.putShort(field, (short) ~InternetChecksum.fold(sumBefore + InternetChecksum.sum(from, length)));
    }

    private static void putShortBe(long address, int value) {
        Memory.putShort(address, Short.reverseBytes((short) value));
    }

    private static void copyAddress(long from, long to) {
        Memory.putLong(to, Memory.getLong(from));
        Memory.putLong(to + Long.BYTES, Memory.getLong(from + Long.BYTES));
    }
}
