package io.l4lb.icmp;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.Memory;
import io.l4lb.forwarding.VipTable;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;
import io.l4lb.prefix.PrefixLimit;

/**
 * Answers UDP to a VIP's address whose L4 port no VIP has: port unreachable (RFC 1122, section 4.1.3.1; RFC 4443, section 3.1), from the
 * VIP, made in the packet's own mbuf. That ends a traceroute, and tells a client of a wrong L4 port at once. Only where no kernel's side
 * could have a socket for it; else it is the kernel's to answer, or not. Only to who is {@link Answerable}, and limited by source prefix.
 * One instance a worker; worker thread.
 */
public final class PortUnreachable {
    private static final int DROP_RATE = Verdict.drop(DropReason.ICMP_RATE);
    private static final int DROP_UNANSWERABLE = Verdict.drop(DropReason.UNANSWERABLE);
    private static final int DROP_NO_HEADROOM = Verdict.drop(DropReason.NO_HEADROOM);

    private final PrefixLimit limit;

    /** @param perSecond answers of this worker to one source prefix */
    public PortUnreachable(int perSecond, long seed) {
        limit = new PrefixLimit(perSecond, Long.rotateLeft(seed, Short.SIZE));
    }

    /**
     * Gives the packets of the burst with {@link Verdict#UDP_UNSERVED} another verdict.
     *
     * @param hasKernelSide whether there is where a punted packet goes
     * @param sourceMac of the ethPort
     */
    public void run(Burst burst, VipTable vips, boolean hasKernelSide, long sourceMac, WorkerCounters counters) {
        long[] columns = burst.columns();
        int count = burst.count;
        int replies = 0;
        for (int i = 0; i < count; i++) {
            if (Burst.verdict(columns, i) == Verdict.UDP_UNSERVED) {
                int verdict = hasKernelSide ? Verdict.PUNT : answer(burst, i, vips, sourceMac);
                Burst.verdict(columns, i, verdict);
                replies += verdict == Verdict.REPLY ? 1 : 0;
            }
        }
        counters.add(WorkerCounter.PORT_UNREACHABLE_REPLIES, replies);
    }

    private int answer(Burst burst, int i, VipTable vips, long sourceMac) {
        long[] columns = burst.columns();
        long frame = Burst.frameAddress(columns, i);
        long l3 = Burst.l3Address(columns, i);
        boolean ipv4 = Memory.getUnsignedByte(l3) >> 4 == Ipv4Descriptor.VERSION;
        if (!Answerable.isFromHost(frame, l3, vips)
                || (!ipv4 && Answerable.isOnItsWay(l3, Burst.l3Length(columns, i)))) {
            return DROP_UNANSWERABLE;
        }
        boolean within = ipv4
                ? limit.takeIpv4(Memory.getInt(l3 + Ipv4Descriptor.SOURCE_OFFSET), burst.nowNs)
                : limit.takeIpv6(Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET), burst.nowNs);
        if (!within) {
            return DROP_RATE;
        }
        int linkLength = (int) (l3 - frame);
        long mbuf = Burst.entry(burst.mbufs(), i);
        long reply = frame
                - (ipv4 ? Ipv4Descriptor.LENGTH_BYTES : Ipv6Descriptor.LENGTH_BYTES)
                - L4Descriptor.ICMP_LENGTH_BYTES;
        if (!LinkHeader.moveForReply(mbuf, frame, reply, linkLength, sourceMac)) {
            return DROP_NO_HEADROOM;
        }
        int quoted = Burst.l3Length(columns, i);
        int l3Length = ipv4
                ? ErrorMessage.ipv4(l3, quoted, ErrorMessage.CODE_PORT_UNREACHABLE, 0)
                : ErrorMessage.ipv6Unreachable(l3, quoted, ErrorMessage.CODE_PORT_UNREACHABLE_IPV6);
        LinkHeader.becomes(mbuf, reply, linkLength + l3Length);
        return Verdict.REPLY;
    }
}
