package io.l4lb.packet;

/**
 * IPv6 header and the extension headers that are walked (RFC 8200, AH: RFC 4302), network byte order, 40 bytes.
 *
 * <pre>
 *  0  version 4 bits, traffic class 8 bits, flow label 20 bits
 *  4  payload length      2   all that follows this header, bytes
 *  6  next header         1
 *  7  hop limit           1
 *  8  source address     16
 * 24  destination address 16
 *
 * extension header:
 *  0  next header         1
 *  1  length              1   in 8-byte units beyond the first 8 (AH: in 4-byte units beyond the first 8)
 * routing header:
 *  3  segments left       1
 * fragment header, 8 bytes:
 *  2  fragment offset 13 bits, reserved 2 bits, more-fragments 1 bit
 *  4  identification      4
 * </pre>
 */
public final class Ipv6Descriptor {
    public static final int VERSION_CLASS_LABEL_OFFSET = 0;
    public static final int PAYLOAD_LENGTH_OFFSET = VERSION_CLASS_LABEL_OFFSET + 4;
    public static final int NEXT_HEADER_OFFSET = PAYLOAD_LENGTH_OFFSET + 2;
    public static final int HOP_LIMIT_OFFSET = NEXT_HEADER_OFFSET + 1;
    public static final int SOURCE_OFFSET = HOP_LIMIT_OFFSET + 1;
    public static final int DESTINATION_OFFSET = SOURCE_OFFSET + 16;
    public static final int LENGTH_BYTES = DESTINATION_OFFSET + 16;

    public static final int VERSION = 6;
    /** What every link carries (RFC 8200, section 5). */
    public static final int MTU_MIN_BYTES = 1280;

    public static final int EXTENSION_NEXT_HEADER_OFFSET = 0;
    public static final int EXTENSION_LENGTH_OFFSET = 1;
    public static final int EXTENSION_UNIT_BYTES = 8;
    /** Walked at the most; RFC 8504 lets a node bound them. */
    public static final int EXTENSIONS_MAX = 8;

    public static final int ROUTING_SEGMENTS_LEFT_OFFSET = 3;

    public static final int FRAGMENT_HEADER_OFFSET_OFFSET = 2;
    public static final int FRAGMENT_HEADER_ID_OFFSET = FRAGMENT_HEADER_OFFSET_OFFSET + 2;
    public static final int FRAGMENT_HEADER_BYTES = FRAGMENT_HEADER_ID_OFFSET + 4;
    /** Offset and more-fragments flag; both are zero in an "atomic" fragment (RFC 6946), which is whole. */
    public static final int FRAGMENT_MASK_BE = 0xf9ff;

    public static final int FRAGMENT_OFFSET_MASK_BE = 0xf8ff;

    /** In host byte order: the offset in bytes, and the flag. */
    public static final int FRAGMENT_OFFSET_MASK = 0xfff8;

    public static final int MORE_FRAGMENTS = 1;

    public static final int HOP_BY_HOP = 0;
    public static final int ROUTING = 43;
    public static final int FRAGMENT = 44;
    public static final int AUTHENTICATION = 51;
    public static final int DESTINATION_OPTIONS = 60;
    public static final int MOBILITY = 135;
    public static final int HIP = 139;
    public static final int SHIM6 = 140;

    private Ipv6Descriptor() {}

    /** {@return whether that next-header value is an extension header which can be walked over} */
    public static boolean isExtension(int nextHeader) {
        return switch (nextHeader) {
            case HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION_OPTIONS, MOBILITY, HIP, SHIM6 -> true;
            default -> false;
        };
    }
}
