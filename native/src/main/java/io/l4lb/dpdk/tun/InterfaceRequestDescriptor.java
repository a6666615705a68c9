package io.l4lb.dpdk.tun;

/**
 * What ioctl takes and answers about one interface. Machine byte order.
 *
 * <pre>
 * struct ifreq (netdevice(7), 64-bit Linux)
 *  0  ifr_name: zero-terminated                      16
 * 16  ifr_flags (u16), or ifr_ifindex or ifr_mtu (i32)  4
 * 20  rest of the union                              20
 * </pre>
 */
final class InterfaceRequestDescriptor {
    static final int NAME_OFFSET = 0;
    static final int NAME_BYTES = 16;
    static final int VALUE_OFFSET = NAME_OFFSET + NAME_BYTES;
    static final int LENGTH_BYTES = VALUE_OFFSET + 24;

    static final long TUNSETIFF = 0x400454caL;
    static final long SIOCGIFFLAGS = 0x8913;
    static final long SIOCSIFFLAGS = 0x8914;
    static final long SIOCSIFMTU = 0x8922;
    static final long SIOCGIFINDEX = 0x8933;

    static final short IFF_UP = 1;
    static final short IFF_RUNNING = 0x40;
    /** IP packets, without a header before them, and only if the interface is not there yet. */
    static final short TUN_FLAGS = (short) (1 | 0x1000 | 0x8000);

    private InterfaceRequestDescriptor() {}
}
