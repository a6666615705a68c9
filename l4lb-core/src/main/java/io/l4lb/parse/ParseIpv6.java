package io.l4lb.parse;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.dpdk.Memory;
import io.l4lb.packet.Ipv6Descriptor;

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

    private static int extensions(long[] columns, int i, int firstHeader, long firstAddress, long end) {
        int header = firstHeader;
        long address = firstAddress;
        for (int walked = 0; Ipv6Descriptor.isExtension(header); walked++) {
            if (walked == Ipv6Descriptor.EXTENSIONS_MAX) {
                return DROP_EXTENSION_LIMIT;
            }
            if (end - address < Ipv6Descriptor.EXTENSION_UNIT_BYTES) {
                return DROP_EXTENSION_TRUNCATED;
            }
            if (header == Ipv6Descriptor.FRAGMENT && !isAtomic(address)) {
                Burst.l4Address(columns, i, address + Ipv6Descriptor.EXTENSION_UNIT_BYTES);
                Burst.l4Protocol(columns, i, Burst.FRAGMENT);
                return Verdict.IPV6;
            }
            int lengthBytes = lengthBytes(header, address);
            if (end - address < lengthBytes) {
                return DROP_EXTENSION_TRUNCATED;
            }
            header = Memory.getUnsignedByte(address + Ipv6Descriptor.EXTENSION_NEXT_HEADER_OFFSET);
            address += lengthBytes;
        }
        Burst.l4Address(columns, i, address);
        Burst.l4Protocol(columns, i, header);
        return Verdict.IPV6;
    }

    private static boolean isAtomic(long fragmentHeader) {
        return (Memory.getUnsignedShort(fragmentHeader + Ipv6Descriptor.FRAGMENT_HEADER_OFFSET_OFFSET)
                        & Ipv6Descriptor.FRAGMENT_MASK_BE)
                == 0;
    }

    private static int lengthBytes(int header, long address) {
        int length = Memory.getUnsignedByte(address + Ipv6Descriptor.EXTENSION_LENGTH_OFFSET);
        return switch (header) {
            case Ipv6Descriptor.FRAGMENT -> Ipv6Descriptor.EXTENSION_UNIT_BYTES; // its second byte is reserved
            case Ipv6Descriptor.AUTHENTICATION -> (length + 2) << 2; // RFC 4302: 4-byte units, minus 2
            default -> (length + 1) << 3;
        };
    }
}
