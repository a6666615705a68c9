package io.l4lb.outer;

import io.l4lb.dpdk.Memory;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv6Descriptor;

/**
 * Cuts an outer IPv6 packet, which has no extension headers, into fragments: header, fragment header, 8-byte units of what follows
 * (RFC 8200, section 4.5). Static; worker thread.
 */
final class FragmentIpv6 {
    private static final int HEADERS_BYTES = Ipv6Descriptor.LENGTH_BYTES + Ipv6Descriptor.FRAGMENT_HEADER_BYTES;
    private static final int FRAME_HEADER_BYTES = EthernetDescriptor.LENGTH_BYTES + Ipv6Descriptor.LENGTH_BYTES;
    private static final int UNIT_MASK = Ipv6Descriptor.EXTENSION_UNIT_BYTES - 1;
    private static final int MORE_FRAGMENTS = 1;

    private FragmentIpv6() {}

    /** What a fragment can carry; offsets count in 8 bytes above three bits, so an offset in bytes is the field. */
    private static int room(int mtu) {
        return (mtu - HEADERS_BYTES) & ~UNIT_MASK;
    }

    /** {@return how many fragments a packet of {@code length} bytes makes} */
    static int pieces(int length, int mtu) {
        int room = room(mtu);
        return (length - Ipv6Descriptor.LENGTH_BYTES + room - 1) / room;
    }

    /**
     * Leaves the first fragment in {@code mbuf}, whose frame begins at {@code frame} and has 8 bytes of room before it.
     *
     * @param others list of empty mbufs
     * @return how many fragments there are
     */
    static int cut(long mbuf, long frame, int length, int mtu, int identification, long others) {
        int payload = length - Ipv6Descriptor.LENGTH_BYTES;
        int room = room(mtu);
        int pieces = 1;
        for (int offset = room; offset < payload; offset += room) {
            int carried = Math.min(room, payload - offset);
            int frameLength = FRAME_HEADER_BYTES + Ipv6Descriptor.FRAGMENT_HEADER_BYTES + carried;
            long other = Memory.getLong(others + ((long) (pieces - 1) << 3));
            long to = FragmentMbuf.begin(other, frameLength, mbuf);
            Memory.copy(frame, to, FRAME_HEADER_BYTES);
            Memory.copy(
                    frame + FRAME_HEADER_BYTES + offset,
                    to + FRAME_HEADER_BYTES + Ipv6Descriptor.FRAGMENT_HEADER_BYTES,
                    carried);
            int more = offset + carried < payload ? MORE_FRAGMENTS : 0;
            write(to + EthernetDescriptor.LENGTH_BYTES, carried, offset | more, identification);
            pieces++;
        }
        long first = frame - Ipv6Descriptor.FRAGMENT_HEADER_BYTES;
        Memory.copy(frame, first, FRAME_HEADER_BYTES);
        write(first + EthernetDescriptor.LENGTH_BYTES, room, MORE_FRAGMENTS, identification);
        FragmentMbuf.set(mbuf, first, FRAME_HEADER_BYTES + Ipv6Descriptor.FRAGMENT_HEADER_BYTES + room);
        return pieces;
    }

    /** Makes a copy of the packet's header one of a fragment, and writes the fragment header behind it. */
    private static void write(long l3, int carried, int offsetAndMore, int identification) {
        long fragment = l3 + Ipv6Descriptor.LENGTH_BYTES;
        byte nextHeader = Memory.getByte(l3 + Ipv6Descriptor.NEXT_HEADER_OFFSET);
        Memory.putShort(l3 + Ipv6Descriptor.PAYLOAD_LENGTH_OFFSET, Short.reverseBytes((short)
                (Ipv6Descriptor.FRAGMENT_HEADER_BYTES + carried)));
        Memory.putByte(l3 + Ipv6Descriptor.NEXT_HEADER_OFFSET, (byte) Ipv6Descriptor.FRAGMENT);
        Memory.putShort(fragment, (short) (nextHeader & 0xff)); // and the reserved byte behind it
        Memory.putShort(
                fragment + Ipv6Descriptor.FRAGMENT_HEADER_OFFSET_OFFSET, Short.reverseBytes((short) offsetAndMore));
        Memory.putInt(fragment + Ipv6Descriptor.FRAGMENT_HEADER_ID_OFFSET, Integer.reverseBytes(identification));
    }
}
