package io.l4lb.access;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.prefix.AccessTable;

/**
 * Drops packets to VIPs whose access list does not let their client in, flows that are pinned already too: who denies expects it at
 * once. The client of an ICMP error is the one of the flow that it quotes. Run only while a VIP has a list. Worker thread.
 */
public final class Access {
    private static final int DROP = Verdict.drop(DropReason.ACCESS_DENIED);

    private Access() {}

    /** Gives packets of those who are not let in their final verdict. */
    public static void run(Burst burst, ForwardingTable table) {
        long[] columns = burst.columns();
        int count = burst.count;
        for (int i = 0; i < count; i++) {
            int kind = Burst.verdict(columns, i);
            if (kind <= Verdict.IPV6) {
                AccessTable access = table.access(Burst.vip(columns, i));
                if (access != null && !allows(access, columns, i, kind)) {
                    Burst.verdict(columns, i, DROP);
                }
            }
        }
    }

    private static boolean allows(AccessTable access, long[] columns, int i, int kind) {
        return kind == Verdict.IPV4
                ? access.allowsIpv4((int) (Burst.clientLow(columns, i) >>> Integer.SIZE))
                : access.allowsIpv6(Burst.clientHigh(columns, i), Burst.clientLow(columns, i));
    }
}
