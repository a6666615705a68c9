package io.l4lb.dpdk.raw;

/**
 * Addresses as sockets take them. The family is in machine byte order, addresses lie as they are.
 *
 * <pre>
 * struct sockaddr_in (ip(7))          struct sockaddr_in6 (ipv6(7))       struct sockaddr_ll (packet(7))
 *  0  sin_family   2                   0  sin6_family    2                 0  sll_family    2
 *  2  sin_port     2                   2  sin6_port      2                 2  sll_protocol  2, network order
 *  4  sin_addr     4                   4  sin6_flowinfo  4                 4  sll_ifindex   4
 *  8  zero         8                   8  sin6_addr     16                 8  hatype, pkttype, halen  4
 *                                     24  sin6_scope_id  4                12  sll_addr      8
 * </pre>
 */
final class SocketAddressDescriptor {
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int AF_PACKET = 17;

    static final int FAMILY_OFFSET = 0;
    static final int IPV4_ADDRESS_OFFSET = 4;
    static final int IPV4_LENGTH_BYTES = 16;
    static final int IPV6_ADDRESS_OFFSET = 8;
    static final int IPV6_LENGTH_BYTES = 28;
    static final int INTERFACE_OFFSET = 4;
    static final int PACKET_LENGTH_BYTES = 20;

    private SocketAddressDescriptor() {}
}
