package io.l4lb.health.ping;

import io.l4lb.packet.L4Descriptor;

/**
 * An echo request or reply of ICMP (RFC 792) or ICMPv6 (RFC 4443, section 4), network byte order.
 *
 * <pre>
 * 0  type         1
 * 1  code         1
 * 2  checksum     2
 * 4  identifier   2   which try
 * 6  sequence     2
 * 8  nonce        8   a random number: only who got the request knows it
 * </pre>
 */
final class EchoDescriptor {
    static final int TYPE_OFFSET = 0;
    static final int CHECKSUM_OFFSET = TYPE_OFFSET + 2;
    static final int IDENTIFIER_OFFSET = CHECKSUM_OFFSET + 2;
    static final int NONCE_OFFSET = IDENTIFIER_OFFSET + 4;
    static final int LENGTH_BYTES = NONCE_OFFSET + Long.BYTES;

    static final int IPV4_REQUEST = L4Descriptor.ICMP_ECHO_REQUEST;
    static final int IPV4_REPLY = L4Descriptor.ICMP_ECHO_REPLY;
    static final int IPV6_REQUEST = L4Descriptor.ICMPV6_ECHO_REQUEST;
    static final int IPV6_REPLY = L4Descriptor.ICMPV6_ECHO_REPLY;

    private EchoDescriptor() {}
}
