package io.l4lb.classify;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowHash;
import io.l4lb.forwarding.VipTable;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;

/** One IPv6 packet: VIP, layer-4 soundness, flow hash. Worker thread. */
final class ClassifyIpv6 {
    private ClassifyIpv6() {}

    static int packet(long[] columns, int i, long places, int shift, VipTable vips) {
        long l3 = Burst.l3Address(columns, i);
        long l4 = Burst.l4Address(columns, i);
        int l4Length = (int) (l3 + Burst.l3Length(columns, i) - l4);
        int protocol = Burst.l4Protocol(columns, i);
        if (ClassifyL4.isSound(protocol, l4, l4Length)) {
            long high = Memory.getLong(l3 + Ipv6Descriptor.DESTINATION_OFFSET);
            long low = Memory.getLong(l3 + Ipv6Descriptor.DESTINATION_OFFSET + Long.BYTES);
            int ports = Memory.getInt(l4);
            long vip = VipTable.exactIpv6(places, shift, high, low, VipTable.service(protocol, ports >>> 16));
            if (vip != VipTable.NONE) {
                return toVip(columns, i, vip, protocol, l3, l4, ports);
            }
        }
        return further(columns, i, vips);
    }

    private static int toVip(long[] columns, int i, long vip, int protocol, long l3, long l4, int ports) {
        long clientHigh = Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET);
        long clientLow = Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET + Long.BYTES);
        Burst.vip(columns, i, VipTable.number(vip));
        Burst.ports(columns, i, ports);
        Burst.event(columns, i, ClassifyL4.event(protocol, l4));
        Burst.clientHigh(columns, i, clientHigh);
        Burst.clientLow(columns, i, clientLow);
        Burst.hash(columns, i, FlowHash.ipv6(clientHigh, clientLow, ports, VipTable.seed(vip)));
        return Verdict.IPV6;
    }

    /** What is not plainly for a VIP of its very L4 port: any-port VIPs, QUIC VIPs, what is unsound, echo requests, not ours. */
    private static int further(long[] columns, int i, VipTable vips) {
        long l3 = Burst.l3Address(columns, i);
        long l4 = Burst.l4Address(columns, i);
        int l4Length = (int) (l3 + Burst.l3Length(columns, i) - l4);
        int protocol = Burst.l4Protocol(columns, i);
        long high = Memory.getLong(l3 + Ipv6Descriptor.DESTINATION_OFFSET);
        long low = Memory.getLong(l3 + Ipv6Descriptor.DESTINATION_OFFSET + Long.BYTES);
        if (ClassifyL4.hasPorts(protocol, l4Length)) {
            int ports = Memory.getInt(l4);
            long vip = vips.ipv6VipOf(high, low, protocol, ports >>> 16);
            if (vip != VipTable.NONE) {
                int unsound = ClassifyL4.unsound(protocol, l4, l4Length);
                if (unsound != ClassifyL4.SOUND) {
                    return unsound;
                }
                int verdict = toVip(columns, i, vip, protocol, l3, l4, ports);
                return vips.isQuic(VipTable.number(vip)) ? Verdict.QUIC : verdict;
            }
        }
        return vips.isIpv6VipAddress(high, low)
                ? otherToVipAddress(protocol, l4, l4Length)
                : toNoVipAddress(protocol, l4, l4Length);
    }

    private static int toNoVipAddress(int protocol, long l4, int l4Length) {
        return protocol == L4Descriptor.ICMPV6
                        && l4Length >= L4Descriptor.ICMP_LENGTH_BYTES
                        && Memory.getUnsignedByte(l4) < L4Descriptor.ICMPV6_INFORMATIONAL
                ? Verdict.TUNNEL_ERROR
                : Verdict.PUNT;
    }

    private static int otherToVipAddress(int protocol, long l4, int l4Length) {
        if (protocol != L4Descriptor.ICMPV6) {
            return ClassifyL4.notForVip(protocol, l4, l4Length);
        }
        if (l4Length < L4Descriptor.ICMP_LENGTH_BYTES) {
            return ClassifyL4.DROP_ICMP_TRUNCATED;
        }
        int type = Memory.getUnsignedByte(l4 + L4Descriptor.ICMP_TYPE_OFFSET);
        if (type == L4Descriptor.ICMPV6_ECHO_REQUEST) {
            return Verdict.ECHO_REQUEST;
        }
        if (type == L4Descriptor.ICMPV6_REDIRECT) {
            return ClassifyL4.DROP_ICMP_IGNORED;
        }
        return type < L4Descriptor.ICMPV6_INFORMATIONAL ? Verdict.ICMP_ERROR : Verdict.PUNT;
    }
}
