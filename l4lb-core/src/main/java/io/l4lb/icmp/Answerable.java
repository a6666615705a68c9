package io.l4lb.icmp;

import io.l4lb.dpdk.Memory;
import io.l4lb.forwarding.VipTable;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.Ipv6Extensions;

/**
 * Who may be answered, whatever the answer is: one host that sent to one (RFC 1122, section 3.2.2; RFC 4443, section 2.4 (e)). Else a
 * claimed source would have the node speak to all of a network, to itself, or to a node beside it. Static; worker thread.
 */
final class Answerable {
    private static final int GROUP_BIT = 1;
    private static final int IPV4_LOOPBACK = 127;
    /** From here on: groups, then what is reserved, with the limited broadcast at the end. */
    private static final int IPV4_MULTICAST = 224;

    private static final int IPV6_MULTICAST = 0xff;

    private Answerable() {}

    /** {@return whether that frame came to one station only, from a host's address that is no VIP's} */
    static boolean isFromHost(long frame, long l3, VipTable vips) {
        return !isToGroup(frame)
                && (Memory.getUnsignedByte(l3) >> 4 == Ipv4Descriptor.VERSION
                        ? isHostIpv4(l3 + Ipv4Descriptor.SOURCE_OFFSET, vips)
                        : isHostIpv6(l3 + Ipv6Descriptor.SOURCE_OFFSET, vips));
    }

    /** {@return whether it came to an Ethernet group address, broadcast too} */
    static boolean isToGroup(long frame) {
        return (Memory.getByte(frame + EthernetDescriptor.DESTINATION_OFFSET) & GROUP_BIT) != 0;
    }

    /** {@return whether the address there is one host's} 0.0.0.0/8 is "this host on this network" (RFC 1122, section 3.2.1.3). */
    static boolean isHostIpv4(long address, VipTable vips) {
        int first = Memory.getUnsignedByte(address);
        return first != 0
                && first != IPV4_LOOPBACK
                && first < IPV4_MULTICAST
                && !vips.isIpv4VipAddress(Integer.toUnsignedLong(Memory.getInt(address)));
    }

    /** {@return the same of an IPv6 address} In ::/64 are the unspecified, loopback and IPv4-mapped ones, and no host. */
    static boolean isHostIpv6(long address, VipTable vips) {
        long high = Memory.getLong(address);
        return high != 0
                && (high & IPV6_MULTICAST) != IPV6_MULTICAST
                && !vips.isIpv6VipAddress(high, Memory.getLong(address + Long.BYTES));
    }

    /** {@return whether an IPv6 packet's destination is a stop on its way only: a routing header names more} */
    static boolean isOnItsWay(long l3, int length) {
        return Ipv6Extensions.hasSegmentsLeft(
                Memory.getUnsignedByte(l3 + Ipv6Descriptor.NEXT_HEADER_OFFSET),
                l3 + Ipv6Descriptor.LENGTH_BYTES,
                l3 + length);
    }
}
