package io.l4lb.encapsulate;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.TrafficCounters;
import io.l4lb.dpdk.MbufDescriptor;
import io.l4lb.dpdk.Memory;
import io.l4lb.forwarding.DestinationDescriptor;
import io.l4lb.packet.EthernetDescriptor;

/**
 * Writes the destination's template over what stands before the IP header, fills in what differs per packet, and trims
 * the Ethernet padding. Worker thread.
 */
public final class Encapsulate {
    private static final int DROP_TOO_BIG = Verdict.drop(DropReason.TOO_BIG);
    private static final int DROP_NEXT_HOP_UNRESOLVED = Verdict.drop(DropReason.NEXT_HOP_UNRESOLVED);
    private static final int DROP_NO_HEADROOM = Verdict.drop(DropReason.NO_HEADROOM);

    /** VIP numbers begin at 1; cell 0 takes the nothing that comes before the first. */
    private static final int NO_VIP = 0;

    private Encapsulate() {}

    /**
     * Makes every packet to a VIP ready to be sent, or drops it; counts it for its VIP and destination.
     *
     * @param destinations address of destination 0's record
     * @param mtuBytes largest IP packet that the link carries
     */
    public static void run(Burst burst, long destinations, int mtuBytes, TrafficCounters counters) {
        if (burst.toVipCount == 0) {
            return;
        }
        int count = burst.count;
        long columns = burst.columns();
        int vip = NO_VIP;
        int vipPackets = 0;
        long vipBytes = 0;
        for (int i = 0; i < count; i++) {
            int kind = Burst.verdict(columns, i);
            if (kind > Verdict.IPV6) {
                continue;
            }
            int destination = Burst.destination(columns, i);
            long record = destinations + ((long) destination << DestinationDescriptor.LENGTH_SHIFT);
            int verdict = packet(columns, i, record, kind == Verdict.IPV6, mtuBytes);
            Burst.verdict(columns, i, verdict);
            if (verdict == Verdict.SEND) {
                int bytes = Burst.l3Length(columns, i);
                counters.countDestination(destination, bytes);
                if (Burst.vip(columns, i) != vip) {
                    counters.countVip(vip, vipPackets, vipBytes);
                    vip = Burst.vip(columns, i);
                    vipPackets = 0;
                    vipBytes = 0;
                }
                vipPackets++;
                vipBytes += bytes;
            }
        }
        counters.countVip(vip, vipPackets, vipBytes);
    }

    private static int packet(long columns, int i, long record, boolean innerIpv6, int mtuBytes) {
        int kind = DestinationDescriptor.kind(record);
        int innerLength = Burst.l3Length(columns, i);
        if (kind == DestinationDescriptor.L2) {
            return innerLength > mtuBytes ? DROP_TOO_BIG : rewriteMacs(columns, i, record);
        }
        if (kind == DestinationDescriptor.UNRESOLVED) {
            return DROP_NEXT_HOP_UNRESOLVED;
        }
        int headerLength = DestinationDescriptor.headerLength(record);
        int frameLength = headerLength + innerLength;
        if (frameLength - EthernetDescriptor.LENGTH_BYTES > mtuBytes) {
            return DROP_TOO_BIG;
        }
        long mbuf = Burst.mbuf(columns, i);
        long l3 = Burst.l3Address(columns, i);
        long frame = l3 - headerLength;
        long dataOffset = frame - Memory.getLong(mbuf + MbufDescriptor.BUF_ADDR_OFFSET);
        if (dataOffset < 0) {
            return DROP_NO_HEADROOM;
        }
        int dscpEcn = innerIpv6 ? OuterIpv6.trafficClass(l3) : OuterIpv4.dscpEcn(l3);
        copyTemplate(record + DestinationDescriptor.TEMPLATE_OFFSET, frame, headerLength);
        long hash = Burst.hash(columns, i);
        if (kind == DestinationDescriptor.OUTER_IPV4) {
            OuterIpv4.fill(frame, innerLength + headerLength, dscpEcn, DestinationDescriptor.checksumBase(record));
        } else {
            OuterIpv6.fill(frame, innerLength + headerLength, dscpEcn, hash);
        }
        if (DestinationDescriptor.extra(record) == DestinationDescriptor.GUE) {
            OuterGue.fill(l3, innerLength, hash);
        }
        Memory.putShort(mbuf + MbufDescriptor.DATA_OFF_OFFSET, (short) dataOffset);
        Memory.putShort(mbuf + MbufDescriptor.DATA_LEN_OFFSET, (short) frameLength);
        Memory.putInt(mbuf + MbufDescriptor.PKT_LEN_OFFSET, frameLength);
        return Verdict.SEND;
    }

    /**
     * Eight bytes at a time; the last eight overlap those before, so nothing behind the header is written. No loop: C2
     * would make three of it (before, unrolled, after), which for 34 to 66 bytes took 8 ns more.
     */
    private static void copyTemplate(long from, long to, int lengthBytes) {
        int last = lengthBytes - Long.BYTES;
        copyLong(from, to, 0);
        copyLong(from, to, Long.BYTES);
        copyLong(from, to, 2 * Long.BYTES);
        copyLong(from, to, 3 * Long.BYTES);
        if (last > 4 * Long.BYTES) { // beyond Ethernet and IPv4
            copyLong(from, to, 4 * Long.BYTES);
            if (last > 5 * Long.BYTES) {
                copyLong(from, to, 5 * Long.BYTES);
                copyLong(from, to, Math.min(6 * Long.BYTES, last));
                copyLong(from, to, Math.min(7 * Long.BYTES, last));
            }
        }
        copyLong(from, to, last);
    }

    private static void copyLong(long from, long to, int offset) {
        Memory.putLong(to + offset, Memory.getLong(from + offset));
    }

    /** Both MACs of the template, 12 bytes; tags, padding and all else stay. */
    private static int rewriteMacs(long columns, int i, long record) {
        long frame = Burst.frameAddress(columns, i);
        long template = record + DestinationDescriptor.TEMPLATE_OFFSET;
        Memory.putLong(frame, Memory.getLong(template));
        Memory.putInt(frame + Long.BYTES, Memory.getInt(template + Long.BYTES));
        return Verdict.SEND;
    }
}
