package io.l4lb.admit;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.flow.FlowEvent;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.prefix.PrefixLimit;

/**
 * Whether a flow that nobody knows may begin: within what its source prefix may begin, and within its VIP's ceiling. Both count
 * what opens a flow: a SYN, the first packet of a UDP flow. A TCP packet under way that nobody knows is never dropped, for it may be of a
 * connection from before a restart; beyond a limit of its own, as large as the other, it makes no entry. {@code
 * docs/design/20-under-attack.md}. 512 KiB, and 64 with a limit for prefixes. Worker thread.
 */
public final class NewFlowLimit {
    public static final int LET_IN = 0;
    /** To be forwarded without an entry. */
    public static final int WITHOUT_ENTRY = -1;

    private static final int DROP_PREFIX = Verdict.drop(DropReason.NEW_FLOW_RATE);
    private static final int DROP_VIP = Verdict.drop(DropReason.VIP_RATE);

    /** As {@link PrefixLimit}'s: what may come at once, as time, and where the rate is low, as flows. */
    private static final long BURST_NS = 100_000_000;

    private static final int BURST_FLOWS_MIN = 8;

    /** Null: no limit for prefixes. */
    private final PrefixLimit openings;
    /** Null together with the other. */
    private final PrefixLimit underWay;

    private final long[] vipPaidNs = new long[ForwardingNumbers.VIPS_MAX + 1];
    private long nowNs;

    /**
     * @param perSecond from one source prefix to this worker; 0: no limit
     * @param seed so that nobody can choose prefixes that share buckets
     */
    public NewFlowLimit(int perSecond, long seed) {
        openings = perSecond == 0 ? null : new PrefixLimit(perSecond, seed);
        underWay = perSecond == 0 ? null : new PrefixLimit(perSecond, ~seed);
    }

    /** Once a burst. */
    public void at(long time) {
        nowNs = time;
    }

    /** {@return whether there is any limit for new flows of that VIP} */
    public boolean isLimited(ForwardingTable table, int vip) {
        return openings != null || table.newFlowCostNs(vip) != 0;
    }

    /** {@return {@link #LET_IN}, {@link #WITHOUT_ENTRY}, or the verdict that drops the packet} */
    public int verdict(long[] columns, int i, ForwardingTable table) {
        int vip = Burst.vip(columns, i);
        if (Burst.event(columns, i) != FlowEvent.OPEN && !table.isUdp(vip)) {
            return underWay == null || take(underWay, columns, i) ? LET_IN : WITHOUT_ENTRY;
        }
        if (openings != null && !take(openings, columns, i)) {
            return DROP_PREFIX;
        }
        long costNs = table.newFlowCostNs(vip);
        return costNs == 0 || takeOfVip(vip, costNs) ? LET_IN : DROP_VIP;
    }

    private boolean take(PrefixLimit limit, long[] columns, int i) {
        return Burst.verdict(columns, i) == Verdict.IPV4
                ? limit.takeIpv4((int) (Burst.clientLow(columns, i) >>> Integer.SIZE), nowNs)
                : limit.takeIpv6(Burst.clientHigh(columns, i), nowNs);
    }

    private boolean takeOfVip(int vip, long costNs) {
        long burstNs = Math.max(BURST_NS, BURST_FLOWS_MIN * costNs);
        long ahead = vipPaidNs[vip] - nowNs;
        long next = (ahead < 0 || ahead > burstNs ? 0 : ahead) + costNs;
        if (next > burstNs) {
            return false;
        }
        vipPaidNs[vip] = nowNs + next;
        return true;
    }
}
