package io.l4lb.parse;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.dpdk.Memory;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.Ipv6Extensions;

/**
 * The IPv6 header (RFC 8200) and its extension headers, at most {@link Ipv6Descriptor#EXTENSIONS_MAX}. An atomic
 * fragment (RFC 6946) is whole and walked over; any other is marked as a fragment. Worker thread.
 */
final class ParseIpv6 {
    private static final int DROP_TRUNCATED = Verdict.drop(DropReason.IPV6_TRUNCATED);
    private static final int DROP_VERSION = Verdict.drop(DropReason.IPV6_VERSION);
    private static final int DROP_PAYLOAD_LENGTH = Verdict.drop(DropReason.IPV6_PAYLOAD_LENGTH);
    private static final int DROP_EXTENSION_TRUNCATED = Verdict.drop(DropReason.IPV6_EXTENSION_TRUNCATED);
    private static final int DROP_EXTENSION_LIMIT = Verdict.drop(DropReason.IPV6_EXTENSION_LIMIT);

    private ParseIpv6() {}

    /** {@return the verdict}; {@code available} bytes may be read from {@code l3} on */
    static int packet(long[] columns, int i, long l3, int available) {
        if (available < Ipv6Descriptor.LENGTH_BYTES) {
            return DROP_TRUNCATED;
        }
        if (Memory.getUnsignedByte(l3) >> 4 != Ipv6Descriptor.VERSION) {
            return DROP_VERSION;
        }
        int length = Ipv6Descriptor.LENGTH_BYTES
                + Short.toUnsignedInt(Short.reverseBytes(Memory.getShort(l3 + Ipv6Descriptor.PAYLOAD_LENGTH_OFFSET)));
        if (length > available) {
            return DROP_PAYLOAD_LENGTH;
        }
        Burst.l3Address(columns, i, l3);
        Burst.l3Length(columns, i, length);
        int nextHeader = Memory.getUnsignedByte(l3 + Ipv6Descriptor.NEXT_HEADER_OFFSET);
        if (Ipv6Descriptor.isExtension(nextHeader)) {
            return extensions(columns, i, nextHeader, l3 + Ipv6Descriptor.LENGTH_BYTES, l3 + length);
        }
        Burst.l4Address(columns, i, l3 + Ipv6Descriptor.LENGTH_BYTES);
        Burst.l4Protocol(columns, i, nextHeader);
        return Verdict.IPV6;
    }

    private static int extensions(long[] columns, int i, int firstHeader, long first, long end) {
        long walk = Ipv6Extensions.walk(firstHeader, first, end);
        int header = Ipv6Extensions.header(walk);
        if (header >= Ipv6Extensions.TRUNCATED) {
            return header == Ipv6Extensions.TRUNCATED ? DROP_EXTENSION_TRUNCATED : DROP_EXTENSION_LIMIT;
        }
        Burst.l4Address(columns, i, first + Ipv6Extensions.lengthBytes(walk));
        Burst.l4Protocol(columns, i, header);
        return Verdict.IPV6;
    }
}
