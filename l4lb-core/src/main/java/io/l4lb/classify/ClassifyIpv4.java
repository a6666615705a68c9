package io.l4lb.classify;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowHash;
import io.l4lb.forwarding.VipTable;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.L4Descriptor;

/** One IPv4 packet: VIP, layer-4 soundness, flow hash. Worker thread. */
final class ClassifyIpv4 {
    private ClassifyIpv4() {}

    static int packet(long[] columns, int i, long places, int shift, VipTable vips) {
        long l3 = Burst.l3Address(columns, i);
        long l4 = Burst.l4Address(columns, i);
        int l4Length = (int) (l3 + Burst.l3Length(columns, i) - l4);
        int protocol = Burst.l4Protocol(columns, i);
        if (ClassifyL4.isSound(protocol, l4, l4Length)) {
            long destination = Integer.toUnsignedLong(Memory.getInt(l3 + Ipv4Descriptor.DESTINATION_OFFSET));
            int ports = Memory.getInt(l4);
            long vip = VipTable.exactIpv4(places, shift, destination, VipTable.service(protocol, ports >>> 16));
            if (vip != VipTable.NONE) {
                return toVip(columns, i, vip, protocol, l3, l4, ports);
            }
        }
        return further(columns, i, vips);
    }

    private static int toVip(long[] columns, int i, long vip, int protocol, long l3, long l4, int ports) {
        long client = ((long) Memory.getInt(l3 + Ipv4Descriptor.SOURCE_OFFSET) << 32) | Integer.toUnsignedLong(ports);
        Burst.vip(columns, i, VipTable.number(vip));
        Burst.event(columns, i, ClassifyL4.event(protocol, l4));
        Burst.clientLow(columns, i, client);
        Burst.hash(columns, i, FlowHash.ipv4(client, VipTable.seed(vip)));
        return Verdict.IPV4;
    }

    /** What is not plainly for a VIP of its very L4 port: any-port VIPs, QUIC VIPs, what is unsound, echo requests, not ours. */
    private static int further(long[] columns, int i, VipTable vips) {
        long l3 = Burst.l3Address(columns, i);
        long l4 = Burst.l4Address(columns, i);
        int l4Length = (int) (l3 + Burst.l3Length(columns, i) - l4);
        int protocol = Burst.l4Protocol(columns, i);
        long destination = Integer.toUnsignedLong(Memory.getInt(l3 + Ipv4Descriptor.DESTINATION_OFFSET));
        if (ClassifyL4.hasPorts(protocol, l4Length)) {
            int ports = Memory.getInt(l4);
            long vip = vips.ipv4VipOf(destination, protocol, ports >>> 16);
            if (vip != VipTable.NONE) {
                int unsound = ClassifyL4.unsound(protocol, l4, l4Length);
                if (unsound != ClassifyL4.SOUND) {
                    return unsound;
                }
                int verdict = toVip(columns, i, vip, protocol, l3, l4, ports);
                return vips.isQuic(VipTable.number(vip)) ? Verdict.QUIC : verdict;
            }
        }
        return vips.isIpv4VipAddress(destination)
                ? otherToVipAddress(protocol, l4, l4Length)
                : toNoVipAddress(protocol, l4, l4Length);
    }

    private static int toNoVipAddress(int protocol, long l4, int l4Length) {
        return protocol == L4Descriptor.ICMP
                        && l4Length >= L4Descriptor.ICMP_LENGTH_BYTES
                        && L4Descriptor.isIcmpError(Memory.getUnsignedByte(l4))
                ? Verdict.TUNNEL_ERROR
                : Verdict.PUNT;
    }

    private static int otherToVipAddress(int protocol, long l4, int l4Length) {
        if (protocol != L4Descriptor.ICMP) {
            return ClassifyL4.notForVip(protocol, l4, l4Length);
        }
        if (l4Length < L4Descriptor.ICMP_LENGTH_BYTES) {
            return ClassifyL4.DROP_ICMP_TRUNCATED;
        }
        int type = Memory.getUnsignedByte(l4 + L4Descriptor.ICMP_TYPE_OFFSET);
        if (type == L4Descriptor.ICMP_ECHO_REQUEST) {
            return Verdict.ECHO_REQUEST;
        }
        if (type == L4Descriptor.ICMP_SOURCE_QUENCH || type == L4Descriptor.ICMP_REDIRECT) {
            return ClassifyL4.DROP_ICMP_IGNORED;
        }
        return L4Descriptor.isIcmpError(type) ? Verdict.ICMP_ERROR : Verdict.PUNT;
    }
}
