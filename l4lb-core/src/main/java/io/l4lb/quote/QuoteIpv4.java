package io.l4lb.quote;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowEvent;
import io.l4lb.flow.FlowHash;
import io.l4lb.forwarding.VipTable;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.L4Descriptor;

/**
 * The packet that an ICMP error quotes (RFC 792; RFC 1812, section 4.3.2.3): its IP header and at least 8 bytes behind it. One that a
 * backend sent from a VIP, or one on its way to a VIP. Worker thread.
 */
public final class QuoteIpv4 {
    private static final int DROP_QUOTE = Verdict.drop(DropReason.ICMP_QUOTE);

    private QuoteIpv4() {}

    /** Fills the columns of the flow; {@return the verdict} The quote begins at {@code quote} and has {@code length} bytes. */
    public static int error(long[] columns, int i, VipTable vips, long quote, int length) {
        if (length < Ipv4Descriptor.LENGTH_BYTES) {
            return DROP_QUOTE;
        }
        int versionIhl = Memory.getUnsignedByte(quote);
        int headerLength = (versionIhl & 0xf) << 2;
        int fragmentBe = Memory.getUnsignedShort(quote + Ipv4Descriptor.FRAGMENT_OFFSET);
        if (versionIhl >> 4 != Ipv4Descriptor.VERSION
                || headerLength < Ipv4Descriptor.LENGTH_BYTES
                || length < headerLength + L4Descriptor.PORTS_LENGTH_BYTES
                || (fragmentBe & Ipv4Descriptor.FRAGMENT_OFFSET_MASK_BE) != 0) {
            return DROP_QUOTE;
        }
        int protocol = Memory.getUnsignedByte(quote + Ipv4Descriptor.PROTOCOL_OFFSET);
        return protocol == L4Descriptor.TCP || protocol == L4Descriptor.UDP
                ? flow(columns, i, vips, quote, protocol, Memory.getInt(quote + headerLength))
                : DROP_QUOTE;
    }

    private static int flow(long[] columns, int i, VipTable vips, long quote, int protocol, int ports) {
        int source = Memory.getInt(quote + Ipv4Descriptor.SOURCE_OFFSET);
        int destination = Memory.getInt(quote + Ipv4Descriptor.DESTINATION_OFFSET);
        long vip = vips.ipv4VipOf(Integer.toUnsignedLong(source), protocol, ports & 0xffff);
        if (vip != VipTable.NONE) {
            return of(columns, i, vip, destination, Integer.rotateLeft(ports, Short.SIZE));
        }
        vip = vips.ipv4VipOf(Integer.toUnsignedLong(destination), protocol, ports >>> Short.SIZE);
        return vip != VipTable.NONE ? of(columns, i, vip, source, ports) : DROP_QUOTE;
    }

    /** As classify writes a packet of the client. */
    private static int of(long[] columns, int i, long vip, int clientAddress, int ports) {
        long client = ((long) clientAddress << Integer.SIZE) | Integer.toUnsignedLong(ports);
        Burst.vip(columns, i, VipTable.number(vip));
        Burst.event(columns, i, FlowEvent.QUOTED);
        Burst.clientLow(columns, i, client);
        Burst.hash(columns, i, FlowHash.ipv4(client, VipTable.seed(vip)));
        return Verdict.IPV4;
    }
}
