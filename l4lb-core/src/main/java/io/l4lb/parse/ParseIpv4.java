package io.l4lb.parse;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.dpdk.Memory;
import io.l4lb.packet.Ipv4Descriptor;

/** The IPv4 header (RFC 791): its lengths, options passed over, fragments marked. Worker thread. */
final class ParseIpv4 {
    private static final int DROP_TRUNCATED = Verdict.drop(DropReason.IPV4_TRUNCATED);
    private static final int DROP_VERSION = Verdict.drop(DropReason.IPV4_VERSION);
    private static final int DROP_HEADER_LENGTH = Verdict.drop(DropReason.IPV4_HEADER_LENGTH);
    private static final int DROP_TOTAL_LENGTH = Verdict.drop(DropReason.IPV4_TOTAL_LENGTH);

    private ParseIpv4() {}

    /** {@return the verdict}; {@code available} bytes may be read from {@code l3} on */
    static int packet(long[] columns, int i, long l3, int available) {
        if (available < Ipv4Descriptor.LENGTH_BYTES) {
            return DROP_TRUNCATED;
        }
        int versionIhl = Memory.getUnsignedByte(l3);
        int headerLength = Ipv4Descriptor.LENGTH_BYTES;
        if (versionIhl != Ipv4Descriptor.VERSION_IHL_PLAIN) {
            if (versionIhl >> 4 != Ipv4Descriptor.VERSION) {
                return DROP_VERSION;
            }
            headerLength = (versionIhl & 0xf) << 2;
            if (headerLength < Ipv4Descriptor.LENGTH_BYTES) {
                return DROP_HEADER_LENGTH;
            }
            if (headerLength > available) {
                return DROP_TRUNCATED;
            }
        }
        int totalLength =
                Short.toUnsignedInt(Short.reverseBytes(Memory.getShort(l3 + Ipv4Descriptor.TOTAL_LENGTH_OFFSET)));
        if (totalLength < headerLength || totalLength > available) {
            return DROP_TOTAL_LENGTH;
        }
        int fragmentBe = Memory.getUnsignedShort(l3 + Ipv4Descriptor.FRAGMENT_OFFSET);
        Burst.l3Address(columns, i, l3);
        Burst.l3Length(columns, i, totalLength);
        Burst.l4Address(columns, i, l3 + headerLength);
        Burst.l4Protocol(
                columns,
                i,
                (fragmentBe & Ipv4Descriptor.FRAGMENT_MASK_BE) == 0
                        ? Memory.getUnsignedByte(l3 + Ipv4Descriptor.PROTOCOL_OFFSET)
                        : Burst.FRAGMENT);
        return Verdict.IPV4;
    }
}
