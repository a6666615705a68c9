package io.l4lb.pin;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.flow.FlowEvent;
import io.l4lb.forwarding.ForwardingTable;

/**
 * Packets to VIPs that keep no flows: the Maglev table says where they go. Their verdict hides them from the loops over buckets, so
 * that they cost no look-up and no miss. Only while there is such a VIP. Worker thread.
 */
final class Stateless {
    private static final int DROP_NO_BACKEND = Verdict.drop(DropReason.NO_BACKEND);

    private Stateless() {}

    /** {@return which packets these are, as a set of bits}, until {@link #goOn} */
    static long choose(Burst burst, ForwardingTable table) {
        long[] columns = burst.columns();
        int count = burst.count;
        long chosen = 0;
        for (int i = 0; i < count; i++) {
            int kind = Burst.verdict(columns, i);
            if (kind <= Verdict.IPV6 && table.isStateless(Burst.vip(columns, i))) {
                int destination = Burst.event(columns, i) == FlowEvent.ROUTED
                        ? Burst.destination(columns, i)
                        : FlowLife.choice(columns, i, table);
                if (destination == ForwardingTable.NO_DESTINATION) {
                    Burst.verdict(columns, i, DROP_NO_BACKEND);
                    continue;
                }
                Burst.destination(columns, i, destination);
                Burst.verdict(columns, i, kind == Verdict.IPV4 ? Verdict.CHOSEN_IPV4 : Verdict.CHOSEN_IPV6);
                chosen |= 1L << i;
            }
        }
        return chosen;
    }

    /** Gives the chosen packets their verdict back; {@return how many there are} */
    static int goOn(long[] columns, long chosen) {
        for (long left = chosen; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            Burst.verdict(columns, i, Burst.verdict(columns, i) == Verdict.CHOSEN_IPV4 ? Verdict.IPV4 : Verdict.IPV6);
        }
        return Long.bitCount(chosen);
    }
}
