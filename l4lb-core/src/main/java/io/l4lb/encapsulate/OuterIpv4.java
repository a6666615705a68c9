package io.l4lb.encapsulate;

import io.l4lb.dpdk.Memory;
import io.l4lb.forwarding.DestinationDescriptor;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.InternetChecksum;
import io.l4lb.packet.Ipv4Descriptor;

/** Ethernet and outer IPv4 header of a packet: the template, and what differs per packet. Static, hot. */
final class OuterIpv4 {
    private static final int LENGTH_BYTES = EthernetDescriptor.LENGTH_BYTES + Ipv4Descriptor.LENGTH_BYTES;

    // The 34 bytes are written as words of 8, the last one overlapping. Which word a field lies in, and where:
    private static final int DSCP_ECN = EthernetDescriptor.LENGTH_BYTES + Ipv4Descriptor.DSCP_ECN_OFFSET;
    private static final int TOTAL_LENGTH = EthernetDescriptor.LENGTH_BYTES + Ipv4Descriptor.TOTAL_LENGTH_OFFSET;
    private static final int CHECKSUM = EthernetDescriptor.LENGTH_BYTES + Ipv4Descriptor.CHECKSUM_OFFSET;
    private static final int DSCP_ECN_SHIFT = DSCP_ECN % Long.BYTES * Byte.SIZE;
    private static final int TOTAL_LENGTH_SHIFT = TOTAL_LENGTH % Long.BYTES * Byte.SIZE;
    private static final int CHECKSUM_SHIFT = CHECKSUM % Long.BYTES * Byte.SIZE;

    static {
        assert DSCP_ECN / Long.BYTES == 1 && TOTAL_LENGTH / Long.BYTES == 2 && CHECKSUM / Long.BYTES == 3;
    }

    private OuterIpv4() {}

    /** {@return DSCP and ECN of an inner IPv4 header} Copied whole, as RFC 2983 (uniform) and RFC 6040 (normal) ask. */
    static int dscpEcn(long l3) {
        return Memory.getUnsignedByte(l3 + Ipv4Descriptor.DSCP_ECN_OFFSET);
    }

    /**
     * Writes both headers. Whole words, the fields added in registers: single stores into words just written cost 3 ns.
     *
     * @param template Ethernet and IPv4 header with zeros for DSCP/ECN, total length and checksum
     * @param totalLength bytes from the outer IP header on
     * @param head of the destination's record
     */
    static void write(long frame, long template, int totalLength, int dscpEcn, long head) {
        long totalLengthBe = Short.toUnsignedLong(Short.reverseBytes((short) totalLength));
        // DSCP/ECN is the second byte of its word: the high one as a little-endian machine reads it
        int sum = DestinationDescriptor.checksumBaseOf(head) + (int) totalLengthBe + (dscpEcn << Byte.SIZE);
        long checksum = ~InternetChecksum.fold(sum) & 0xffffL;
        long second = Memory.getLong(template + Long.BYTES) | ((long) dscpEcn << DSCP_ECN_SHIFT);
        long third = Memory.getLong(template + 2 * Long.BYTES) | (totalLengthBe << TOTAL_LENGTH_SHIFT);
        long fourth = Memory.getLong(template + 3 * Long.BYTES) | (checksum << CHECKSUM_SHIFT);
        long last = Memory.getLong(template + LENGTH_BYTES - Long.BYTES);
        Memory.putLong(frame, Memory.getLong(template));
        Memory.putLong(frame + Long.BYTES, second);
        Memory.putLong(frame + 2 * Long.BYTES, third);
        Memory.putLong(frame + 3 * Long.BYTES, fourth);
        Memory.putLong(frame + LENGTH_BYTES - Long.BYTES, last);
    }
}
