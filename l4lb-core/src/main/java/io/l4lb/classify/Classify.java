package io.l4lb.classify;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.VipTable;

/**
 * Decides for every IP packet of the burst: to which VIP, or not ours. Worker thread.
 *
 * <p>Layer 4 is looked at only behind a VIP's address; what is not for a VIP goes to the kernel as it came.
 */
public final class Classify {
    /** A shift counts modulo 64: a drop reason beyond the 40th would only have the diverted packets looked for in vain. */
    private static final long DIVERTED = 1L << Verdict.ECHO_REQUEST
            | 1L << Verdict.ICMP_ERROR
            | 1L << Verdict.CLIENT_FRAGMENT
            | 1L << Verdict.TUNNEL_ERROR
            | 1L << Verdict.QUIC
            | 1L << Verdict.UDP_UNSERVED;

    private Classify() {}

    /**
     * Fills vip, event, ports, client and hash of the packets to a VIP; gives all others their final verdict, or diverts them.
     */
    public static void run(Burst burst, ForwardingTable table) {
        int count = burst.count;
        long[] columns = burst.columns();
        VipTable vips = table.vips();
        long ipv4Places = vips.ipv4Places();
        int ipv4Shift = vips.ipv4Shift();
        long ipv6Places = vips.ipv6Places();
        int ipv6Shift = vips.ipv6Shift();
        int toVip = 0;
        long verdicts = 0;
        for (int i = 0; i < count; i++) {
            int kind = Burst.verdict(columns, i);
            if (kind <= Verdict.IPV6) {
                int verdict = kind == Verdict.IPV4
                        ? ClassifyIpv4.packet(columns, i, ipv4Places, ipv4Shift, vips)
                        : ClassifyIpv6.packet(columns, i, ipv6Places, ipv6Shift, vips);
                Burst.verdict(columns, i, verdict);
                toVip += verdict <= Verdict.IPV6 ? 1 : 0;
                verdicts |= 1L << verdict;
            }
        }
        burst.toVipCount = toVip;
        burst.diverted = verdicts & DIVERTED;
    }
}
