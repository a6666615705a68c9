package io.l4lb.packet;

import io.l4lb.dpdk.Memory;

/**
 * IPv4 header (RFC 791), network byte order, 20 bytes and up to 40 of options.
 *
 * <pre>
 *  0  version 4 bits, IHL 4 bits (32-bit words)
 *  1  DSCP 6 bits, ECN 2 bits
 *  2  total length        2   header and payload, bytes
 *  4  identification      2
 *  6  flags 3 bits, fragment offset 13 bits (8-byte units)
 *  8  TTL                 1
 *  9  protocol            1
 * 10  header checksum     2
 * 12  source address      4
 * 16  destination address 4
 * 20  options, each: type 1 (its highest bit: copied into every fragment), and but for types 0 and 1: length 1, data
 * </pre>
 */
public final class Ipv4Descriptor {
    public static final int VERSION_IHL_OFFSET = 0;
    public static final int DSCP_ECN_OFFSET = VERSION_IHL_OFFSET + 1;
    public static final int TOTAL_LENGTH_OFFSET = DSCP_ECN_OFFSET + 1;
    public static final int IDENTIFICATION_OFFSET = TOTAL_LENGTH_OFFSET + 2;
    public static final int FRAGMENT_OFFSET = IDENTIFICATION_OFFSET + 2;
    public static final int TTL_OFFSET = FRAGMENT_OFFSET + 2;
    public static final int PROTOCOL_OFFSET = TTL_OFFSET + 1;
    public static final int CHECKSUM_OFFSET = PROTOCOL_OFFSET + 1;
    public static final int SOURCE_OFFSET = CHECKSUM_OFFSET + 2;
    public static final int DESTINATION_OFFSET = SOURCE_OFFSET + 4;
    public static final int LENGTH_BYTES = DESTINATION_OFFSET + 4;

    public static final int VERSION = 4;
    public static final int IHL_MIN = LENGTH_BYTES / 4;
    /** Version 4 and no options: what nearly every packet starts with. */
    public static final int VERSION_IHL_PLAIN = (VERSION << 4) | IHL_MIN;
    /** More-fragments flag and fragment offset; a whole datagram has none of these bits set. */
    public static final int FRAGMENT_MASK_BE = 0xff3f;

    public static final int FRAGMENT_OFFSET_MASK_BE = 0xff1f;

    public static final int DONT_FRAGMENT_BE = 0x0040;

    public static final int MORE_FRAGMENTS_BE = 0x0020;
    /** Fragment offsets count in these. */
    public static final int FRAGMENT_UNIT_BYTES = 8;

    public static final int TOTAL_LENGTH_MAX = 0xffff;
    public static final int OPTION_END = 0;
    public static final int OPTION_NOTHING = 1;
    public static final int OPTION_COPIED = 0x80;
    public static final int OPTION_LENGTH_OFFSET = 1;

    /** In host byte order. */
    public static final int MORE_FRAGMENTS = 0x2000;

    public static final int FRAGMENT_UNITS_MASK = 0x1fff;

    private Ipv4Descriptor() {}

    /** {@return the bytes of a header, of the lowest value 20} */
    public static int headerLength(long l3) {
        return (Memory.getUnsignedByte(l3 + VERSION_IHL_OFFSET) & 0xf) << 2;
    }
}
