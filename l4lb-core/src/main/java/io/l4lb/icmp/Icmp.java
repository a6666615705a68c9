package io.l4lb.icmp;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.Memory;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.VipTable;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;
import io.l4lb.prefix.PrefixLimit;
import io.l4lb.quote.QuoteIpv4;
import io.l4lb.quote.QuoteIpv6;

/**
 * Answers echo requests to VIPs, and gives ICMP errors to VIPs the columns of the flow that they quote, so that pin finds its
 * backend. Both are limited by source prefix: answering is work for others' sake, and an error makes a backend work. One instance
 * a worker; worker thread.
 */
public final class Icmp {
    private static final int DROP_ICMP_RATE = Verdict.drop(DropReason.ICMP_RATE);
    private static final int DROP_ECHO_RATE = Verdict.drop(DropReason.ECHO_RATE);
    private static final int DROP_UNANSWERABLE = Verdict.drop(DropReason.UNANSWERABLE);

    private final PrefixLimit echoLimit;
    private final PrefixLimit errorLimit;

    /** @param perSecond of either kind, from one source prefix to this worker */
    public Icmp(int perSecond, long seed) {
        echoLimit = new PrefixLimit(perSecond, seed);
        errorLimit = new PrefixLimit(perSecond, ~seed);
    }

    /**
     * Gives the diverted packets of the burst another verdict.
     *
     * @param sourceMac of the ethPort
     */
    public void run(Burst burst, ForwardingTable table, long sourceMac, long nowNs, WorkerCounters counters) {
        long[] columns = burst.columns();
        int count = burst.count;
        int replies = 0;
        int errors = 0;
        for (int i = 0; i < count; i++) {
            int kind = Burst.verdict(columns, i);
            if (kind == Verdict.ECHO_REQUEST) {
                int verdict = echo(columns, i, table.vips(), sourceMac, nowNs);
                Burst.verdict(columns, i, verdict);
                replies += verdict == Verdict.REPLY ? 1 : 0;
            } else if (kind == Verdict.ICMP_ERROR) {
                int verdict = error(columns, i, table.vips(), nowNs);
                Burst.verdict(columns, i, verdict);
                errors += verdict <= Verdict.IPV6 ? 1 : 0;
            }
        }
        burst.toVipCount += errors;
        counters.add(WorkerCounter.ECHO_REPLIES, replies);
        counters.add(WorkerCounter.ICMP_ERRORS, errors);
    }

    private static boolean isIpv4(long[] columns, int i) {
        return Burst.l4Protocol(columns, i) == L4Descriptor.ICMP;
    }

    private static boolean take(PrefixLimit limit, long[] columns, int i, long nowNs) {
        long l3 = Burst.l3Address(columns, i);
        return isIpv4(columns, i)
                ? limit.takeIpv4(Memory.getInt(l3 + Ipv4Descriptor.SOURCE_OFFSET), nowNs)
                : limit.takeIpv6(Memory.getLong(l3 + Ipv6Descriptor.SOURCE_OFFSET), nowNs);
    }

    private static int l4Length(long[] columns, int i) {
        return (int) (Burst.l3Address(columns, i) + Burst.l3Length(columns, i) - Burst.l4Address(columns, i));
    }

    private int echo(long[] columns, int i, VipTable vips, long sourceMac, long nowNs) {
        long frame = Burst.frameAddress(columns, i);
        long l3 = Burst.l3Address(columns, i);
        boolean ipv4 = isIpv4(columns, i);
        if (!Answerable.isFromHost(frame, l3, vips)
                || (!ipv4 && Answerable.isOnItsWay(l3, Burst.l3Length(columns, i)))) {
            return DROP_UNANSWERABLE;
        }
        if (!take(echoLimit, columns, i, nowNs)) {
            return DROP_ECHO_RATE;
        }
        long l4 = Burst.l4Address(columns, i);
        if (ipv4) {
            EchoReply.ipv4(frame, l3, l4, l4Length(columns, i), sourceMac);
        } else {
            EchoReply.ipv6(frame, l3, l4, sourceMac);
        }
        return Verdict.REPLY;
    }

    private int error(long[] columns, int i, VipTable vips, long nowNs) {
        long quote = Burst.l4Address(columns, i) + L4Descriptor.ICMP_LENGTH_BYTES;
        int length = l4Length(columns, i) - L4Descriptor.ICMP_LENGTH_BYTES;
        int verdict = isIpv4(columns, i)
                ? QuoteIpv4.error(columns, i, vips, quote, length)
                : QuoteIpv6.error(columns, i, vips, quote, length);
        return verdict <= Verdict.IPV6 && !take(errorLimit, columns, i, nowNs) ? DROP_ICMP_RATE : verdict;
    }
}
