package io.l4lb.packet;

/**
 * The layer-4 headers as far as a balancer reads them, network byte order.
 *
 * <pre>
 * TCP (RFC 9293), 20 bytes and options       UDP (RFC 768), 8 bytes      ICMP (RFC 792), ICMPv6 (RFC 4443), 8 bytes
 *  0  source port       2                     0  source port       2      0  type      1
 *  2  destination port  2                     2  destination port  2      1  code      1
 * 12  data offset 4 bits (32-bit words)       4  length            2      2  checksum  2
 * 13  flags             1                     6  checksum          2
 * </pre>
 */
public final class L4Descriptor {
    public static final int ICMP = 1;
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int ICMPV6 = 58;

    public static final int SOURCE_PORT_OFFSET = 0;
    public static final int DESTINATION_PORT_OFFSET = SOURCE_PORT_OFFSET + 2;
    public static final int PORTS_LENGTH_BYTES = DESTINATION_PORT_OFFSET + 2;

    public static final int TCP_DATA_OFFSET_OFFSET = 12;
    public static final int TCP_FLAGS_OFFSET = TCP_DATA_OFFSET_OFFSET + 1;
    public static final int TCP_LENGTH_BYTES = 20;
    public static final int TCP_FIN = 0x01;
    public static final int TCP_SYN = 0x02;
    public static final int TCP_RST = 0x04;
    public static final int TCP_ACK = 0x10;

    public static final int UDP_LENGTH_OFFSET = 4;
    public static final int UDP_CHECKSUM_OFFSET = UDP_LENGTH_OFFSET + 2;
    public static final int UDP_LENGTH_BYTES = UDP_CHECKSUM_OFFSET + 2;

    public static final int ICMP_TYPE_OFFSET = 0;
    public static final int ICMP_CHECKSUM_OFFSET = 2;
    public static final int ICMP_LENGTH_BYTES = 8;

    /** Type 3, code 4. */
    public static final int ICMP_TOO_BIG_BE = 0x0403;

    public static final int ICMPV6_TOO_BIG = 2;
    public static final int ICMP_ECHO_REPLY = 0;
    public static final int ICMP_SOURCE_QUENCH = 4;
    public static final int ICMP_REDIRECT = 5;
    public static final int ICMP_ECHO_REQUEST = 8;
    public static final int ICMPV6_ECHO_REQUEST = 128;
    public static final int ICMPV6_ECHO_REPLY = 129;
    public static final int ICMPV6_REDIRECT = 137;
    /** ICMPv6 types below this are errors (RFC 4443, section 2.1). */
    public static final int ICMPV6_INFORMATIONAL = 128;

    private L4Descriptor() {}

    /** {@return whether an ICMP message of that type quotes the packet that caused it} */
    public static boolean isIcmpError(int type) {
        // unreachable, source quench, redirect, time exceeded, parameter problem
        return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
    }
}
