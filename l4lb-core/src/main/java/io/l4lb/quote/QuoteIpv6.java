package io.l4lb.quote;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowEvent;
import io.l4lb.flow.FlowHash;
import io.l4lb.forwarding.VipTable;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.Ipv6Extensions;
import io.l4lb.packet.L4Descriptor;

/** The packet that an ICMPv6 error quotes (RFC 4443, section 3), extension headers walked. As {@link QuoteIpv4}. Worker thread. */
public final class QuoteIpv6 {
    private static final int DROP_QUOTE = Verdict.drop(DropReason.ICMP_QUOTE);

    private QuoteIpv6() {}

    /** Fills the columns of the flow; {@return the verdict} The quote begins at {@code quote} and has {@code length} bytes. */
    public static int error(long[] columns, int i, VipTable vips, long quote, int length) {
        if (length < Ipv6Descriptor.LENGTH_BYTES || Memory.getUnsignedByte(quote) >> 4 != Ipv6Descriptor.VERSION) {
            return DROP_QUOTE;
        }
        long end = quote + length;
        long walk = Ipv6Extensions.walkToL4(
                Memory.getUnsignedByte(quote + Ipv6Descriptor.NEXT_HEADER_OFFSET),
                quote + Ipv6Descriptor.LENGTH_BYTES,
                end);
        int protocol = Ipv6Extensions.header(walk);
        long l4 = quote + Ipv6Descriptor.LENGTH_BYTES + Ipv6Extensions.lengthBytes(walk);
        return (protocol == L4Descriptor.TCP || protocol == L4Descriptor.UDP)
                        && end - l4 >= L4Descriptor.PORTS_LENGTH_BYTES
                ? flow(columns, i, vips, quote, protocol, Memory.getInt(l4))
                : DROP_QUOTE;
    }

    private static int flow(long[] columns, int i, VipTable vips, long quote, int protocol, int ports) {
        long source = quote + Ipv6Descriptor.SOURCE_OFFSET;
        long destination = quote + Ipv6Descriptor.DESTINATION_OFFSET;
        long vip =
                vips.ipv6VipOf(Memory.getLong(source), Memory.getLong(source + Long.BYTES), protocol, ports & 0xffff);
        if (vip != VipTable.NONE) {
            return of(columns, i, vip, destination, Integer.rotateLeft(ports, Short.SIZE));
        }
        vip = vips.ipv6VipOf(
                Memory.getLong(destination), Memory.getLong(destination + Long.BYTES), protocol, ports >>> Short.SIZE);
        return vip != VipTable.NONE ? of(columns, i, vip, source, ports) : DROP_QUOTE;
    }

    /** As classify writes a packet of the client, whose address is at {@code client}. */
    private static int of(long[] columns, int i, long vip, long client, int ports) {
        long high = Memory.getLong(client);
        long low = Memory.getLong(client + Long.BYTES);
        Burst.vip(columns, i, VipTable.number(vip));
        Burst.ports(columns, i, ports);
        Burst.event(columns, i, FlowEvent.QUOTED);
        Burst.clientHigh(columns, i, high);
        Burst.clientLow(columns, i, low);
        Burst.hash(columns, i, FlowHash.ipv6(high, low, ports, VipTable.seed(vip)));
        return Verdict.IPV6;
    }
}
