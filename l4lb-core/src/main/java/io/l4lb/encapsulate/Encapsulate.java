package io.l4lb.encapsulate;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.Tally;
import io.l4lb.counters.TrafficCounters;
import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.Memory;
import io.l4lb.forwarding.DestinationDescriptor;
import io.l4lb.packet.EncapsulationDescriptor;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv6Descriptor;

/**
 * Writes the destination's template over what stands before the IP header, fills in what differs per packet, and trims
 * the Ethernet padding. Worker thread.
 */
public final class Encapsulate {
    private static final int DROP_NEXT_HOP_UNRESOLVED = Verdict.drop(DropReason.NEXT_HOP_UNRESOLVED);
    private static final int DROP_NO_HEADROOM = Verdict.drop(DropReason.NO_HEADROOM);

    /** The length of a frame has 16 bits, with two tags and the header of a fragment. */
    private static final int OUTER_BYTES_MAX = 0xffff
            - EthernetDescriptor.LENGTH_BYTES
            - EthernetDescriptor.VLAN_TAGS_MAX * EthernetDescriptor.VLAN_TAG_LENGTH_BYTES
            - Ipv6Descriptor.FRAGMENT_HEADER_BYTES;

    /** VIP numbers begin at 1; cell 0 takes the nothing that comes before the first. */
    private static final int NO_VIP = 0;

    private Encapsulate() {}

    /**
     * Makes every packet to a VIP ready to be sent, drops it or finds it too big; counts it for its VIP and destination.
     *
     * @param destinations address of destination 0's record
     */
    public static void run(Burst burst, long destinations, TrafficCounters counters) {
        burst.ready = Tally.NONE;
        if (burst.toVipCount == 0) {
            return;
        }
        long[] columns = burst.columns();
        if (prepend(columns, burst.mbufs(), burst.count, destinations)) {
            again(columns, burst, destinations);
        }
        burst.ready = count(columns, burst.count, counters);
    }

    /** {@return whether a packet is too big} */
    private static boolean prepend(long[] columns, long mbufs, int count, long destinations) {
        boolean isTooBig = false;
        for (int i = 0; i < count; i++) {
            int kind = Burst.verdict(columns, i);
            if (kind <= Verdict.IPV6) {
                long record =
                        destinations + ((long) Burst.destination(columns, i) << DestinationDescriptor.LENGTH_SHIFT);
                int mtu = DestinationDescriptor.pathMtu(record);
                int verdict = packet(columns, mbufs, i, record, kind == Verdict.IPV6, mtu);
                Burst.verdict(columns, i, verdict);
                isTooBig |= verdict == Verdict.TOO_BIG;
            }
        }
        return isTooBig;
    }

    /** Once more what is too big only for a path whose MTU was lowered so long ago that the full size is tried again. */
    private static void again(long[] columns, Burst burst, long destinations) {
        for (int i = 0; i < burst.count; i++) {
            if (Burst.verdict(columns, i) == Verdict.TOO_BIG) {
                long record =
                        destinations + ((long) Burst.destination(columns, i) << DestinationDescriptor.LENGTH_SHIFT);
                DestinationDescriptor.raisePathMtu(record, burst.nowNs);
                boolean innerIpv6 = Memory.getUnsignedByte(Burst.l3Address(columns, i)) >> 4 == Ipv6Descriptor.VERSION;
                int mtu = DestinationDescriptor.pathMtu(record);
                Burst.verdict(columns, i, packet(columns, burst.mbufs(), i, record, innerIpv6, mtu));
            }
        }
    }

    /**
     * Encapsulates a packet that was too big, for outer fragments to be made of it. {@return the verdict: {@link Verdict#TOO_BIG}
     * again when no IP packet can hold it}
     */
    public static int whole(long[] columns, long mbufs, int i, long record, boolean innerIpv6) {
        return packet(columns, mbufs, i, record, innerIpv6, OUTER_BYTES_MAX);
    }

    /** A loop of its own: together with the headers it has more values at once than there are registers. */
    private static long count(long[] columns, int count, TrafficCounters counters) {
        long ready = Tally.NONE;
        int vip = NO_VIP;
        long vipTally = Tally.NONE;
        for (int i = 0; i < count; i++) {
            if (Burst.verdict(columns, i) == Verdict.SEND) {
                int bytes = Burst.l3Length(columns, i);
                counters.countDestination(Burst.destination(columns, i), bytes);
                if (Burst.vip(columns, i) != vip) {
                    counters.countVip(vip, vipTally);
                    vip = Burst.vip(columns, i);
                    vipTally = Tally.NONE;
                }
                vipTally = Tally.plus(vipTally, bytes);
                ready = Tally.plus(ready, Burst.frameLength(columns, i));
            }
        }
        counters.countVip(vip, vipTally);
        return ready;
    }

    private static int packet(long[] columns, long mbufs, int i, long record, boolean innerIpv6, int mtu) {
        long head = DestinationDescriptor.head(record);
        int kind = DestinationDescriptor.kindOf(head);
        if (kind < DestinationDescriptor.OUTER_IPV4) {
            return withoutOuterHeader(columns, i, record, kind, mtu);
        }
        int headerLength = DestinationDescriptor.headerLengthOf(head);
        int innerLength = Burst.l3Length(columns, i);
        int outerLength = headerLength + innerLength - EthernetDescriptor.LENGTH_BYTES;
        if (outerLength > mtu) {
            return Verdict.TOO_BIG;
        }
        long mbuf = Burst.entry(mbufs, i);
        long l3 = Burst.l3Address(columns, i);
        long frame = l3 - headerLength;
        if (!resize(mbuf, frame, outerLength + EthernetDescriptor.LENGTH_BYTES)) {
            return DROP_NO_HEADROOM;
        }
        Burst.frameLength(columns, i, outerLength + EthernetDescriptor.LENGTH_BYTES);
        int dscpEcn = innerIpv6 ? OuterIpv6.trafficClass(l3) : OuterIpv4.dscpEcn(l3);
        long template = record + DestinationDescriptor.TEMPLATE_OFFSET;
        if (kind == DestinationDescriptor.OUTER_IPV4) {
            OuterIpv4.write(frame, template, outerLength, dscpEcn, head);
        } else {
            int payloadLength = outerLength - Ipv6Descriptor.LENGTH_BYTES;
            OuterIpv6.write(frame, template, payloadLength, dscpEcn, Burst.hash(columns, i));
        }
        int between = DestinationDescriptor.betweenOf(head);
        if (between != DestinationDescriptor.NOTHING) {
            writeBetween(columns, i, between, l3, template + headerLength);
        }
        return Verdict.SEND;
    }

    /** Lets the mbuf's frame begin at {@code frame}; {@return whether that is inside its buffer} */
    private static boolean resize(long mbuf, long frame, int frameLength) {
        long dataOffset = frame - Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET);
        if (dataOffset < 0) {
            return false;
        }
        Memory.putShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET, (short) dataOffset);
        Memory.putShort(mbuf + MbufDescriptor.DATA_LEN_OFFSET, (short) frameLength);
        Memory.putInt(mbuf + MbufDescriptor.PKT_LEN_OFFSET, frameLength);
        return true;
    }

    /** What stands between outer IP header and inner packet, up to {@code l3}; {@code templateEnd} behind the template. */
    private static void writeBetween(long[] columns, int i, int between, long l3, long templateEnd) {
        if (between == DestinationDescriptor.GUE) {
            OuterGue.write(l3, templateEnd, Burst.l3Length(columns, i), Burst.hash(columns, i));
        } else {
            int gre = EncapsulationDescriptor.GRE_LENGTH_BYTES;
            Memory.putInt(l3 - gre, Memory.getInt(templateEnd - gre));
        }
    }

    private static int withoutOuterHeader(long[] columns, int i, long record, int kind, int mtu) {
        if (kind != DestinationDescriptor.L2) {
            return DROP_NEXT_HOP_UNRESOLVED;
        }
        return Burst.l3Length(columns, i) > mtu ? Verdict.TOO_BIG : rewriteMacs(columns, i, record);
    }

    /** Both MACs of the template, 12 bytes; tags, padding and all else stay. */
    private static int rewriteMacs(long[] columns, int i, long record) {
        long frame = Burst.frameAddress(columns, i);
        long template = record + DestinationDescriptor.TEMPLATE_OFFSET;
        Memory.putLong(frame, Memory.getLong(template));
        Memory.putInt(frame + Long.BYTES, Memory.getInt(template + Long.BYTES));
        return Verdict.SEND;
    }
}
