package io.l4lb.fragment;

import io.l4lb.burst.Burst;
import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowHash;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;

/**
 * What a fragment's IP header says: which datagram it is of, and which part. One object a worker, read anew for each fragment.
 *
 * <p>A datagram is told by source, destination, identification, and for IPv4 the protocol (RFC 791, section 2.3; RFC 8200, section
 * 4.5: the next header of a later fragment counts for nothing).
 */
final class FragmentHeader {
    private static final long IPV4_KEY = 1L << 62;

    boolean ipv4;
    /** Of the data, in the datagram; a multiple of 8. */
    int offsetBytes;

    int lengthBytes;
    /** Of the IP header and what every fragment has of extension headers, as far as they count for the largest length. */
    int headerBytes;

    boolean isLast;
    /** What the header says is behind it: in IPv6 perhaps one more extension header. */
    int protocol;

    final long[] key = new long[DatagramDescriptor.KEY_WORDS];

    /** Reads fragment {@code i}. */
    void read(long[] columns, int i) {
        long l3 = Burst.l3Address(columns, i);
        long l4 = Burst.l4Address(columns, i);
        lengthBytes = (int) (l3 + Burst.l3Length(columns, i) - l4);
        ipv4 = Memory.getUnsignedByte(l3) >> 4 == Ipv4Descriptor.VERSION;
        if (ipv4) {
            readIpv4(l3, (int) (l4 - l3));
        } else {
            readIpv6(l3, l4);
        }
    }

    private void readIpv4(long l3, int length) {
        int word = Short.toUnsignedInt(Short.reverseBytes(Memory.getShort(l3 + Ipv4Descriptor.FRAGMENT_OFFSET)));
        offsetBytes = (word & Ipv4Descriptor.FRAGMENT_UNITS_MASK) << 3;
        isLast = (word & Ipv4Descriptor.MORE_FRAGMENTS) == 0;
        headerBytes = length;
        protocol = Memory.getUnsignedByte(l3 + Ipv4Descriptor.PROTOCOL_OFFSET);
        key[0] = 0;
        key[1] = Integer.toUnsignedLong(Memory.getInt(l3 + Ipv4Descriptor.SOURCE_OFFSET));
        key[2] = 0;
        key[3] = Integer.toUnsignedLong(Memory.getInt(l3 + Ipv4Descriptor.DESTINATION_OFFSET));
        key[4] = IPV4_KEY
                | ((long) protocol << Integer.SIZE)
                | Memory.getUnsignedShort(l3 + Ipv4Descriptor.IDENTIFICATION_OFFSET);
    }

    /** Its fragment header ends where parse found layer 4. */
    private void readIpv6(long l3, long l4) {
        long header = l4 - Ipv6Descriptor.EXTENSION_UNIT_BYTES;
        int word = Short.toUnsignedInt(
                Short.reverseBytes(Memory.getShort(header + Ipv6Descriptor.FRAGMENT_HEADER_OFFSET_OFFSET)));
        offsetBytes = word & Ipv6Descriptor.FRAGMENT_OFFSET_MASK;
        isLast = (word & Ipv6Descriptor.MORE_FRAGMENTS) == 0;
        headerBytes = (int) (header - l3) - Ipv6Descriptor.LENGTH_BYTES; // what the payload length of the whole counts
        protocol = Memory.getUnsignedByte(header + Ipv6Descriptor.EXTENSION_NEXT_HEADER_OFFSET);
        key[0] = Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET);
        key[1] = Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET + Long.BYTES);
        key[2] = Memory.getLong(l3 + Ipv6Descriptor.DESTINATION_OFFSET);
        key[3] = Memory.getLong(l3 + Ipv6Descriptor.DESTINATION_OFFSET + Long.BYTES);
        key[4] = Integer.toUnsignedLong(Memory.getInt(header + Ipv6Descriptor.FRAGMENT_HEADER_ID_OFFSET));
    }

    /** {@return the offset behind its data} */
    int endBytes() {
        return offsetBytes + lengthBytes;
    }

    /** {@return whether no sender makes such a fragment}: empty, a gap behind it that nothing fits, or beyond the largest length */
    boolean isMalformed() {
        return lengthBytes == 0
                || (!isLast && (lengthBytes & (Ipv6Descriptor.EXTENSION_UNIT_BYTES - 1)) != 0)
                || headerBytes + endBytes() > Ipv4Descriptor.TOTAL_LENGTH_MAX;
    }

    /** {@return whether layer 4 can only be neither TCP nor UDP} */
    boolean isOfOtherProtocol() {
        return protocol != L4Descriptor.TCP
                && protocol != L4Descriptor.UDP
                && (ipv4 || !Ipv6Descriptor.isExtension(protocol));
    }

    /** {@return whether it writes over the TCP flags of the first fragment, or tries to} RFC 1858, RFC 3128. */
    boolean isInTcpHeader() {
        return ipv4 && protocol == L4Descriptor.TCP && offsetBytes == Ipv6Descriptor.EXTENSION_UNIT_BYTES;
    }

    long hash(long seed) {
        long hash = seed;
        for (int word = 0; word < DatagramDescriptor.KEY_WORDS; word++) {
            hash = FlowHash.mix(hash ^ key[word]);
        }
        return hash;
    }
}
