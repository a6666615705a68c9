package io.l4lb.encapsulate;

import io.l4lb.dpdk.Memory;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.InternetChecksum;
import io.l4lb.packet.Ipv4Descriptor;

/** What differs per packet in an outer IPv4 header. Static, hot. */
final class OuterIpv4 {
    private OuterIpv4() {}

    /** {@return DSCP and ECN of an inner IPv4 header} Copied whole, as RFC 2983 (uniform) and RFC 6040 (normal) ask. */
    static int dscpEcn(long l3) {
        return Memory.getUnsignedByte(l3 + Ipv4Descriptor.DSCP_ECN_OFFSET);
    }

    /**
     * Writes total length, DSCP/ECN and checksum.
     *
     * @param frameLength bytes from the Ethernet header on
     * @param checksumBase sum of the header's other words, not folded
     */
    static void fill(long frame, int frameLength, int dscpEcn, int checksumBase) {
        long l3 = frame + EthernetDescriptor.LENGTH_BYTES;
        int lengthBe = Short.toUnsignedInt(Short.reverseBytes((short) (frameLength - EthernetDescriptor.LENGTH_BYTES)));
        Memory.putByte(l3 + Ipv4Descriptor.DSCP_ECN_OFFSET, (byte) dscpEcn);
        Memory.putShort(l3 + Ipv4Descriptor.TOTAL_LENGTH_OFFSET, (short) lengthBe);
        // DSCP/ECN is the second byte of its word: the high one as a little-endian machine reads it
        int sum = checksumBase + lengthBe + (dscpEcn << Byte.SIZE);
        Memory.putShort(l3 + Ipv4Descriptor.CHECKSUM_OFFSET, (short) ~InternetChecksum.fold(sum));
    }
}
