package io.l4lb.packet;

/**
 * What stands between the outer IP header and the inner packet.
 *
 * <pre>
 * ipip  nothing: the outer header's protocol says 4 (IPv4, RFC 2003) or 41 (IPv6, RFC 2473, RFC 4213)
 *
 * gre   (RFC 2784), protocol 47, 4 bytes
 *  0  flags and version   2   all zero: no checksum, version 0
 *  2  protocol type       2   EtherType of the inner packet
 *
 * gue   (draft-ietf-intarea-gue-09, variant 0), 12 bytes
 *  0  UDP source port     2   49152..65535, from the flow's hash
 *  2  UDP destination port 2
 *  4  UDP length          2
 *  6  UDP checksum        2   zero (RFC 768; over IPv6: RFC 6935)
 *  8  variant 2 bits, control 1 bit, header length 5 bits: all zero
 *  9  protocol            1   4 or 41
 * 10  flags               2   zero
 * </pre>
 */
public final class EncapsulationDescriptor {
    public static final int PROTOCOL_IPV4 = 4;
    public static final int PROTOCOL_IPV6 = 41;
    public static final int PROTOCOL_GRE = 47;

    public static final int GRE_TYPE_OFFSET = 2;
    public static final int GRE_LENGTH_BYTES = GRE_TYPE_OFFSET + 2;

    public static final int GUE_PROTOCOL_OFFSET = L4Descriptor.UDP_LENGTH_BYTES + 1;
    public static final int GUE_LENGTH_BYTES = L4Descriptor.UDP_LENGTH_BYTES + 4;
    /** The dynamic ports (RFC 6335): 2^14 of them. */
    public static final int GUE_SOURCE_PORT_BASE = 0xc000;

    public static final int GUE_SOURCE_PORT_MASK = 0x3fff;

    public static final int OUTER_TTL = 64;

    private EncapsulationDescriptor() {}
}
