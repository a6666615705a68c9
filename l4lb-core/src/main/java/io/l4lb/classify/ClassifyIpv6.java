package io.l4lb.classify;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.dpdk.Memory;
import io.l4lb.forwarding.FlowHash;
import io.l4lb.forwarding.VipTable;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;

/** One IPv6 packet: VIP, layer-4 soundness, flow hash. Worker thread. */
final class ClassifyIpv6 {
    private ClassifyIpv6() {}

    static int packet(long columns, int i, VipTable vips, long[] seeds, long sourceMac) {
        long l3 = Burst.l3Address(columns, i);
        long l4 = Burst.l4Address(columns, i);
        int l4Length = (int) (l3 + Burst.l3Length(columns, i) - l4);
        int protocol = Burst.l4Protocol(columns, i);
        long high = Memory.getLong(l3 + Ipv6Descriptor.DESTINATION_OFFSET);
        long low = Memory.getLong(l3 + Ipv6Descriptor.DESTINATION_OFFSET + Long.BYTES);
        if ((protocol == L4Descriptor.TCP || protocol == L4Descriptor.UDP)
                && l4Length >= L4Descriptor.PORTS_LENGTH_BYTES) {
            int ports = Memory.getInt(l4);
            int vip = vips.ipv6VipOf(high, low, protocol, ports >>> 16);
            if (vip != VipTable.NONE) {
                int unsound = ClassifyL4.unsound(protocol, l4, l4Length);
                if (unsound != ClassifyL4.SOUND) {
                    return unsound;
                }
                long clientHigh = Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET);
                long clientLow = Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET + Long.BYTES);
                Burst.vip(columns, i, vip);
                Burst.ports(columns, i, ports);
                Burst.event(columns, i, ClassifyL4.event(protocol, l4));
                Burst.clientHigh(columns, i, clientHigh);
                Burst.clientLow(columns, i, clientLow);
                Burst.hash(columns, i, FlowHash.ipv6(clientHigh, clientLow, ports, seeds[vip]));
                return Verdict.IPV6;
            }
        }
        return vips.isIpv6VipAddress(high, low)
                ? otherToVipAddress(columns, i, protocol, l4, l4Length, sourceMac)
                : Verdict.PUNT;
    }

    private static int otherToVipAddress(long columns, int i, int protocol, long l4, int l4Length, long sourceMac) {
        if (protocol != L4Descriptor.ICMPV6) {
            return ClassifyL4.notForVip(protocol, l4, l4Length);
        }
        if (l4Length < L4Descriptor.ICMP_LENGTH_BYTES) {
            return ClassifyL4.DROP_ICMP_TRUNCATED;
        }
        int type = Memory.getUnsignedByte(l4 + L4Descriptor.ICMP_TYPE_OFFSET);
        if (type == L4Descriptor.ICMPV6_ECHO_REQUEST) {
            EchoReply.ipv6(Burst.frameAddress(columns, i), Burst.l3Address(columns, i), l4, sourceMac);
            return Verdict.SEND;
        }
        return type < L4Descriptor.ICMPV6_INFORMATIONAL ? ClassifyL4.DROP_ICMP_ERROR : Verdict.PUNT;
    }
}
