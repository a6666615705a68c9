package io.l4lb.fragment;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowHash;
import io.l4lb.forwarding.VipTable;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;

/** Gives a fragment the columns that classify gives a whole packet; layer 4 is that of its first fragment. Worker thread. */
final class FlowColumns {
    private FlowColumns() {}

    /** {@return the verdict}: on to pin, or to the kernel where no VIP has the L4 port */
    static int fill(long[] columns, int i, VipTable vips, int protocol, int ports, int event) {
        long l3 = Burst.l3Address(columns, i);
        Burst.event(columns, i, event);
        return Memory.getUnsignedByte(l3) >> 4 == Ipv4Descriptor.VERSION
                ? ipv4(columns, i, vips, l3, protocol, ports)
                : ipv6(columns, i, vips, l3, protocol, ports);
    }

    private static int ipv4(long[] columns, int i, VipTable vips, long l3, int protocol, int ports) {
        long destination = Integer.toUnsignedLong(Memory.getInt(l3 + Ipv4Descriptor.DESTINATION_OFFSET));
        long vip = vips.ipv4VipOf(destination, protocol, ports >>> Short.SIZE);
        if (vip == VipTable.NONE) {
            return Verdict.PUNT;
        }
        long client = ((long) Memory.getInt(l3 + Ipv4Descriptor.SOURCE_OFFSET) << Integer.SIZE)
                | Integer.toUnsignedLong(ports);
        Burst.vip(columns, i, VipTable.number(vip));
        Burst.clientLow(columns, i, client);
        Burst.hash(columns, i, FlowHash.ipv4(client, VipTable.seed(vip)));
        return Verdict.IPV4;
    }

    private static int ipv6(long[] columns, int i, VipTable vips, long l3, int protocol, int ports) {
        long vip = vips.ipv6VipOf(
                Memory.getLong(l3 + Ipv6Descriptor.DESTINATION_OFFSET),
                Memory.getLong(l3 + Ipv6Descriptor.DESTINATION_OFFSET + Long.BYTES),
                protocol,
                ports >>> Short.SIZE);
        if (vip == VipTable.NONE) {
            return Verdict.PUNT;
        }
        long high = Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET);
        long low = Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET + Long.BYTES);
        Burst.vip(columns, i, VipTable.number(vip));
        Burst.ports(columns, i, ports);
        Burst.clientHigh(columns, i, high);
        Burst.clientLow(columns, i, low);
        Burst.hash(columns, i, FlowHash.ipv6(high, low, ports, VipTable.seed(vip)));
        return Verdict.IPV6;
    }
}
