package io.l4lb.icmp;

import io.l4lb.burst.Burst;
import io.l4lb.dpdk.Memory;
import io.l4lb.packet.InternetChecksum;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;

/** The checksum over an ICMP message; ICMPv6's covers the pseudo-header too (RFC 4443, section 2.3). Static; worker thread. */
final class IcmpChecksum {
    private static final int RIGHT = 0xffff;

    private IcmpChecksum() {}

    /** {@return whether that of packet {@code i} is right} Reads all of the message: not for what comes without a limit. */
    static boolean isRight(long[] columns, int i) {
        long l3 = Burst.l3Address(columns, i);
        long icmp = Burst.l4Address(columns, i);
        int length = (int) (l3 + Burst.l3Length(columns, i) - icmp);
        int evenLength = length & ~1;
        int sum = Burst.l4Protocol(columns, i) == L4Descriptor.ICMP ? 0 : pseudoHeader(l3, length);
        sum += InternetChecksum.sum(icmp, evenLength);
        // a last byte alone is the first of a word, the low one in memory order
        sum += length == evenLength ? 0 : Memory.getUnsignedByte(icmp + evenLength);
        return InternetChecksum.fold(sum) == RIGHT;
    }

    /** {@return the pseudo-header's words added up} {@code length}: of the message behind the IPv6 header at {@code l3}. */
    static int pseudoHeader(long l3, int length) {
        return InternetChecksum.sum(l3 + Ipv6Descriptor.SOURCE_OFFSET, 4 * Long.BYTES)
                + be(length)
                + be(L4Descriptor.ICMPV6);
    }

    private static int be(int value) {
        return Short.toUnsignedInt(Short.reverseBytes((short) value));
    }
}
