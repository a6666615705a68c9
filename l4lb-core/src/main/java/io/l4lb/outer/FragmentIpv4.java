package io.l4lb.outer;

import io.l4lb.dpdk.Memory;
import io.l4lb.packet.InternetChecksum;
import io.l4lb.packet.Ipv4Descriptor;

/**
 * Cuts an IPv4 packet into fragments (RFC 791, section 3.2): an outer one, or with l2 the client's own, which may have options and be a
 * fragment already. The packet's identification, DSCP and ECN stand in all of them, DF in none. Static; worker thread.
 */
final class FragmentIpv4 {
    private static final int UNIT_MASK = Ipv4Descriptor.FRAGMENT_UNIT_BYTES - 1;
    private static final int UNIT_SHIFT = 3;
    private static final int OPTION_ALIGN_MASK = Integer.BYTES - 1;

    private FragmentIpv4() {}

    private static int room(int headerLength, int mtu) {
        return (mtu - headerLength) & ~UNIT_MASK;
    }

    /** {@return how many fragments the packet makes} It has {@code length} bytes, more than {@code mtu}. */
    static int pieces(long l3, int length, int mtu) {
        int headerLength = Ipv4Descriptor.headerLength(l3);
        int laterRoom = room(laterHeaderLength(l3, headerLength), mtu);
        int left = length - headerLength - room(headerLength, mtu);
        return 1 + (left + laterRoom - 1) / laterRoom;
    }

    /**
     * Leaves the first fragment in {@code mbuf}, whose frame begins at {@code frame}.
     *
     * @param others list of empty mbufs
     * @return how many fragments there are
     */
    static int cut(long mbuf, long frame, long l3, int length, int mtu, long others) {
        int headerLength = Ipv4Descriptor.headerLength(l3);
        int laterLength = laterHeaderLength(l3, headerLength);
        int linkLength = (int) (l3 - frame);
        int fragmentBe = Memory.getUnsignedShort(l3 + Ipv4Descriptor.FRAGMENT_OFFSET);
        int units =
                Short.toUnsignedInt(Short.reverseBytes((short) (fragmentBe & Ipv4Descriptor.FRAGMENT_OFFSET_MASK_BE)));
        int payload = length - headerLength;
        int firstRoom = room(headerLength, mtu);
        int laterRoom = room(laterLength, mtu);
        int pieces = 1;
        for (int offset = firstRoom; offset < payload; offset += laterRoom) {
            int carried = Math.min(laterRoom, payload - offset);
            long other = Memory.getLong(others + ((long) (pieces - 1) << 3));
            long to = FragmentMbuf.begin(other, linkLength + laterLength + carried, mbuf);
            Memory.copy(frame, to, linkLength + (long) Ipv4Descriptor.LENGTH_BYTES);
            copyOptions(l3, headerLength, to + linkLength, laterLength);
            Memory.copy(l3 + headerLength + offset, to + linkLength + laterLength, carried);
            int moreBe = offset + carried < payload
                    ? Ipv4Descriptor.MORE_FRAGMENTS_BE
                    : fragmentBe & Ipv4Descriptor.MORE_FRAGMENTS_BE;
            write(to + linkLength, laterLength, carried, units + (offset >> UNIT_SHIFT), moreBe);
            pieces++;
        }
        write(l3, headerLength, firstRoom, units, Ipv4Descriptor.MORE_FRAGMENTS_BE);
        FragmentMbuf.set(mbuf, frame, linkLength + headerLength + firstRoom);
        return pieces;
    }

    private static void write(long l3, int headerLength, int carried, int offsetUnits, int moreBe) {
        int versionIhl = (Ipv4Descriptor.VERSION << 4) | (headerLength >> 2);
        int offsetBe = Short.toUnsignedInt(Short.reverseBytes((short) offsetUnits));
        Memory.putByte(l3 + Ipv4Descriptor.VERSION_IHL_OFFSET, (byte) versionIhl);
        Memory.putShort(l3 + Ipv4Descriptor.TOTAL_LENGTH_OFFSET, Short.reverseBytes((short) (headerLength + carried)));
        Memory.putShort(l3 + Ipv4Descriptor.FRAGMENT_OFFSET, (short) (offsetBe | moreBe));
        Memory.putShort(l3 + Ipv4Descriptor.CHECKSUM_OFFSET, (short) 0);
        int sum = InternetChecksum.sum(l3, headerLength);
        Memory.putShort(l3 + Ipv4Descriptor.CHECKSUM_OFFSET, (short) ~InternetChecksum.fold(sum));
    }

    /** {@return the bytes of the option at that address}, at least 1; what is malformed ends the options */
    private static int optionLength(long option, long end) {
        int type = Memory.getUnsignedByte(option);
        if (type == Ipv4Descriptor.OPTION_NOTHING) {
            return 1;
        }
        int left = (int) (end - option);
        if (type == Ipv4Descriptor.OPTION_END || left <= Ipv4Descriptor.OPTION_LENGTH_OFFSET) {
            return left;
        }
        int length = Memory.getUnsignedByte(option + Ipv4Descriptor.OPTION_LENGTH_OFFSET);
        return length <= Ipv4Descriptor.OPTION_LENGTH_OFFSET || length > left ? left : length;
    }

    private static boolean isCopied(long option, int length) {
        return (Memory.getUnsignedByte(option) & Ipv4Descriptor.OPTION_COPIED) != 0
                && length > Ipv4Descriptor.OPTION_LENGTH_OFFSET
                && length == Memory.getUnsignedByte(option + Ipv4Descriptor.OPTION_LENGTH_OFFSET);
    }

    private static int laterHeaderLength(long l3, int headerLength) {
        int copied = 0;
        long end = l3 + headerLength;
        for (long option = l3 + Ipv4Descriptor.LENGTH_BYTES; option < end; ) {
            int length = optionLength(option, end);
            copied += isCopied(option, length) ? length : 0;
            option += length;
        }
        return Ipv4Descriptor.LENGTH_BYTES + ((copied + OPTION_ALIGN_MASK) & ~OPTION_ALIGN_MASK);
    }

    /** Those that belong into every fragment, and the end of options up to the next word. */
    private static void copyOptions(long l3, int headerLength, long toL3, int laterLength) {
        long to = toL3 + Ipv4Descriptor.LENGTH_BYTES;
        long end = l3 + headerLength;
        for (long option = l3 + Ipv4Descriptor.LENGTH_BYTES; option < end; ) {
            int length = optionLength(option, end);
            if (isCopied(option, length)) {
                Memory.copy(option, to, length);
                to += length;
            }
            option += length;
        }
        for (; to < toL3 + laterLength; to++) {
            Memory.putByte(to, (byte) Ipv4Descriptor.OPTION_END);
        }
    }
}
