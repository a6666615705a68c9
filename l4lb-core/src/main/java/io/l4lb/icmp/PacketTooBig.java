package io.l4lb.icmp;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowEvent;
import io.l4lb.forwarding.DestinationDescriptor;
import io.l4lb.forwarding.VipTable;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;
import io.l4lb.prefix.PrefixLimit;

/**
 * Tells a client that its packet does not fit the link with the outer header around it: ICMP "fragmentation needed" (RFC 792, RFC 1191)
 * or ICMPv6 "packet too big" (RFC 4443, section 3.2), from the VIP, with the MTU that is left. The answer is made in the packet's own
 * mbuf: what is quoted stays where it is, the headers go before it.
 *
 * <p>What its sender does not want to be told of is sent in outer fragments: IPv4 without DF, and IPv6 of up to 1,280 bytes, for no
 * smaller MTU may be told (RFC 2473, section 7.1). No answer, but a drop: to an ICMP error (RFC 1122, section 3.2.2), to a later IPv4
 * fragment (IPv6 has no other way to tell of a later one), to who is not {@link Answerable}, and beyond the limit for the source prefix.
 * One instance a worker; worker thread.
 */
public final class PacketTooBig {
    private static final int DROP_TOO_BIG = Verdict.drop(DropReason.TOO_BIG);
    private static final int DROP_NO_HEADROOM = Verdict.drop(DropReason.NO_HEADROOM);

    private final PrefixLimit limit;

    /** @param perSecond answers of this worker to one source prefix */
    public PacketTooBig(int perSecond, long seed) {
        limit = new PrefixLimit(perSecond, Long.rotateLeft(seed, Integer.SIZE));
    }

    /**
     * Gives the packets of the burst that are too big another verdict.
     *
     * @param destinations address of destination 0's record
     * @param sourceMac of the ethPort
     * @return whether some have {@link Verdict#FRAGMENT}
     */
    public boolean run(
            Burst burst, VipTable vips, long destinations, long sourceMac, long nowNs, WorkerCounters counters) {
        long[] columns = burst.columns();
        int count = burst.count;
        int replies = 0;
        boolean isFragmenting = false;
        for (int i = 0; i < count; i++) {
            if (Burst.verdict(columns, i) == Verdict.TOO_BIG) {
                long record =
                        destinations + ((long) Burst.destination(columns, i) << DestinationDescriptor.LENGTH_SHIFT);
                int verdict = isToBeFragmented(columns, i, record)
                        ? Verdict.FRAGMENT
                        : answer(burst, i, vips, mtuFor(record), sourceMac, nowNs);
                Burst.verdict(columns, i, verdict);
                replies += verdict == Verdict.REPLY ? 1 : 0;
                isFragmenting |= verdict == Verdict.FRAGMENT;
            }
        }
        counters.add(WorkerCounter.TOO_BIG_REPLIES, replies);
        return isFragmenting;
    }

    private static boolean isToBeFragmented(long[] columns, int i, long record) {
        long l3 = Burst.l3Address(columns, i);
        return isIpv4(l3)
                ? !isDontFragment(l3)
                : Burst.l3Length(columns, i) <= Ipv6Descriptor.MTU_MIN_BYTES
                        && DestinationDescriptor.kind(record) != DestinationDescriptor.L2;
    }

    /** {@return the largest packet that fits the link on its way to that destination} */
    static int mtuFor(long record) {
        long head = DestinationDescriptor.head(record);
        return DestinationDescriptor.kindOf(head) < DestinationDescriptor.OUTER_IPV4
                ? DestinationDescriptor.pathMtu(record)
                : DestinationDescriptor.pathMtu(record)
                        - (DestinationDescriptor.headerLengthOf(head) - EthernetDescriptor.LENGTH_BYTES);
    }

    private int answer(Burst burst, int i, VipTable vips, int mtu, long sourceMac, long nowNs) {
        long[] columns = burst.columns();
        long frame = Burst.frameAddress(columns, i);
        long l3 = Burst.l3Address(columns, i);
        boolean ipv4 = isIpv4(l3);
        if (Burst.event(columns, i) == FlowEvent.QUOTED
                || (ipv4 && isLaterFragment(l3))
                || !Answerable.isFromHost(frame, l3, vips)
                || !take(l3, ipv4, nowNs)) {
            return DROP_TOO_BIG;
        }
        long mbuf = Burst.entry(burst.mbufs(), i);
        int headers =
                (ipv4 ? Ipv4Descriptor.LENGTH_BYTES : Ipv6Descriptor.LENGTH_BYTES) + L4Descriptor.ICMP_LENGTH_BYTES;
        long answer = frame - headers;
        if (!LinkHeader.moveForReply(mbuf, frame, answer, (int) (l3 - frame), sourceMac)) {
            return DROP_NO_HEADROOM;
        }
        int quoted = Burst.l3Length(columns, i);
        int l3Length = ipv4
                ? ErrorMessage.ipv4(l3, quoted, ErrorMessage.CODE_FRAGMENTATION_NEEDED, mtu)
                : ErrorMessage.ipv6TooBig(l3, quoted, mtu);
        LinkHeader.becomes(mbuf, answer, (int) (l3 - frame) + l3Length);
        return Verdict.REPLY;
    }

    private static boolean isIpv4(long l3) {
        return Memory.getUnsignedByte(l3) >> 4 == Ipv4Descriptor.VERSION;
    }

    private static boolean isLaterFragment(long l3) {
        return (Memory.getUnsignedShort(l3 + Ipv4Descriptor.FRAGMENT_OFFSET) & Ipv4Descriptor.FRAGMENT_OFFSET_MASK_BE)
                != 0;
    }

    private static boolean isDontFragment(long l3) {
        return (Memory.getUnsignedShort(l3 + Ipv4Descriptor.FRAGMENT_OFFSET) & Ipv4Descriptor.DONT_FRAGMENT_BE) != 0;
    }

    private boolean take(long l3, boolean ipv4, long nowNs) {
        return ipv4
                ? limit.takeIpv4(Memory.getInt(l3 + Ipv4Descriptor.SOURCE_OFFSET), nowNs)
                : limit.takeIpv6(Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET), nowNs);
    }
}
