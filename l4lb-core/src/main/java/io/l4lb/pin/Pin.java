package io.l4lb.pin;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.classify.FlowEvent;
import io.l4lb.counters.DropReason;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.Prefetch;
import io.l4lb.forwarding.DestinationDescriptor;
import io.l4lb.forwarding.FlowHash;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.hash.MaglevTable;

/**
 * Finds the destination of every packet to a VIP. One instance a worker; worker thread only.
 *
 * <p>Three loops, so that the cache misses of a burst overlap: the addresses of all first buckets, prefetched by one
 * short call of the shim (on the C twin, 20.5 ns a packet at a million flows against 30.7 without); flows found in their
 * first bucket; and the few that were not, with their second bucket, the Maglev table and an insertion.
 */
public final class Pin {
    private static final int DROP_NO_BACKEND = Verdict.drop(DropReason.NO_BACKEND);
    /** Set in the destination column by the second loop: not in the first bucket. */
    private static final int NOT_FOUND = -1;

    private static final int SWEEP_BUSY_BUCKETS = 2;
    private static final int SWEEP_IDLE_BUCKETS = 64;

    private final Ipv4FlowTable ipv4;
    private final Ipv6FlowTable ipv6;
    private final FlowTimeouts timeouts;
    private final FlowTableStatistics statistics = new FlowTableStatistics();

    /**
     * @param flows flows that each of the two tables holds without evicting one
     * @param populateIpv4 whether to touch all memory of the IPv4 table now (there are IPv4 VIPs)
     * @param populateIpv6 likewise
     */
    public Pin(int flows, boolean populateIpv4, boolean populateIpv6, FlowTimeouts timeouts) {
        this.timeouts = timeouts;
        ipv4 = new Ipv4FlowTable(flows, populateIpv4, timeouts, statistics);
        ipv6 = new Ipv6FlowTable(flows, populateIpv6, timeouts, statistics);
    }

    /** {@return the live counts; other threads read them from the worker's counters} */
    public FlowTableStatistics statistics() {
        return statistics;
    }

    /** {@return flows in both tables} */
    public long flowCount() {
        return (long) ipv4.flowCount() + ipv6.flowCount();
    }

    /** Frees the tables; the worker must have stopped. */
    public void close() {
        ipv4.close();
        ipv6.close();
    }

    /**
     * Touches the memory of the tables named, as the constructor does, if it has not been yet. Only while no VIP of the
     * family is forwarded: any thread.
     */
    public void populate(boolean ipv4Too, boolean ipv6Too) {
        if (ipv4Too) {
            ipv4.populate();
        }
        if (ipv6Too) {
            ipv6.populate();
        }
    }

    /** Fills the destination column; a packet for which there is no backend is dropped. */
    public void run(Burst burst, ForwardingTable table, long destinations, int tick) {
        if (burst.toVipCount != 0) {
            long columns = burst.columns();
            prefetchBuckets(burst, columns);
            int missing = findInFirstBuckets(columns, burst.count, table, destinations, tick);
            if (missing != 0) {
                prefetchSecondBuckets(burst, columns);
                findOrAdd(columns, burst.count, table, destinations, tick);
            }
        }
    }

    /**
     * Frees idle flows of a few buckets a call. A table of 8 M flows (4 M buckets) is gone round in 2 s at a million bursts a
     * second, in a minute by an idle worker that wakes 1,000 times a second, in half an hour by one that is slow and never
     * idle; nothing but the count of flows waits for it.
     */
    public void sweep(int tick, boolean idle) {
        int count = idle ? SWEEP_IDLE_BUCKETS : SWEEP_BUSY_BUCKETS;
        ipv4.sweep(count, tick);
        ipv6.sweep(count, tick);
    }

    private void prefetchBuckets(Burst burst, long columns) {
        int count = burst.count;
        for (int i = 0; i < count; i++) {
            int kind = Burst.verdict(columns, i);
            // a final verdict leaves the address of some earlier packet's bucket: harmless to prefetch
            if (kind <= Verdict.IPV6) {
                long bucket = kind == Verdict.IPV4
                        ? ipv4.firstBucket(Burst.hash(columns, i))
                        : ipv6.firstBucket(Burst.hash(columns, i));
                Burst.bucket(columns, i, bucket);
            }
        }
        Prefetch.lines(burst.buckets(), count);
    }

    /** Of the packets that were not found: their second bucket is read, whether the flow is there or is to be added. */
    private void prefetchSecondBuckets(Burst burst, long columns) {
        int count = burst.count;
        for (int i = 0; i < count; i++) {
            int kind = Burst.verdict(columns, i);
            if (kind <= Verdict.IPV6 && Burst.destination(columns, i) == NOT_FOUND) {
                long hash = Burst.hash(columns, i);
                Burst.bucket(columns, i, kind == Verdict.IPV4 ? ipv4.secondBucket(hash) : ipv6.secondBucket(hash));
            }
        }
        Prefetch.lines(burst.buckets(), count);
    }

    private int findInFirstBuckets(long columns, int count, ForwardingTable table, long destinations, int tick) {
        int missing = 0;
        int settled = 0;
        for (int i = 0; i < count; i++) {
            int kind = Burst.verdict(columns, i);
            if (kind > Verdict.IPV6) {
                continue;
            }
            long state = kind == Verdict.IPV4
                    ? findIpv4(columns, i, Burst.bucket(columns, i))
                    : findIpv6(columns, i, Burst.bucket(columns, i));
            if (state == 0) {
                Burst.destination(columns, i, NOT_FOUND);
                missing++;
                continue;
            }
            long word = Memory.getLong(state);
            int destination = FlowStateDescriptor.destination(word);
            if (FlowStateDescriptor.isSettled(word, Burst.event(columns, i), tick)
                    && isUsable(destinations, destination)) {
                settled++;
            } else {
                destination = refresh(columns, i, table, destinations, state, tick);
            }
            Burst.destination(columns, i, destination);
        }
        statistics.hits += settled;
        return missing;
    }

    private void findOrAdd(long columns, int count, ForwardingTable table, long destinations, int tick) {
        for (int i = 0; i < count; i++) {
            if (Burst.verdict(columns, i) <= Verdict.IPV6 && Burst.destination(columns, i) == NOT_FOUND) {
                long state = findInEither(columns, i);
                int destination = state == 0
                        ? add(columns, i, table, tick)
                        : refresh(columns, i, table, destinations, state, tick);
                Burst.destination(columns, i, destination);
            }
        }
    }

    /** Once more in the first bucket too: an earlier packet of this burst may have added the flow. */
    private long findInEither(long columns, int i) {
        long hash = Burst.hash(columns, i);
        if (Burst.verdict(columns, i) == Verdict.IPV4) {
            long state = findIpv4(columns, i, ipv4.secondBucket(hash));
            return state != 0 ? state : findIpv4(columns, i, ipv4.firstBucket(hash));
        }
        long state = findIpv6(columns, i, ipv6.secondBucket(hash));
        return state != 0 ? state : findIpv6(columns, i, ipv6.firstBucket(hash));
    }

    /** {@return the address of the state of the packet's flow, or 0 when that bucket does not hold it} */
    private static long findIpv4(long columns, int i, long bucket) {
        long entry = Ipv4FlowTable.find(bucket, Burst.clientLow(columns, i), Burst.vip(columns, i));
        return entry == 0 ? 0 : entry + Ipv4FlowTable.STATE_OFFSET;
    }

    private static long findIpv6(long columns, int i, long bucket) {
        long entry = Ipv6FlowTable.find(
                bucket,
                Burst.clientHigh(columns, i),
                Burst.clientLow(columns, i),
                Burst.ports(columns, i),
                Burst.vip(columns, i));
        return entry == 0 ? 0 : entry + Ipv6FlowTable.STATE_OFFSET;
    }

    private static boolean isUsable(long destinations, int destination) {
        long record = destinations + ((long) destination << DestinationDescriptor.LENGTH_SHIFT);
        return DestinationDescriptor.kind(record) != DestinationDescriptor.UNUSABLE;
    }

    /** A packet of a known flow: its state goes on; {@return its destination, chosen anew where it must be} */
    private int refresh(long columns, int i, ForwardingTable table, long destinations, long stateAddress, int tick) {
        long word = Memory.getLong(stateAddress);
        int event = Burst.event(columns, i);
        if (timeouts.isExpired(word, tick)) {
            int anew = renew(columns, i, table, stateAddress, tick);
            // without a backend the entry stays as it is, and must not be counted again with every packet
            statistics.expirations += anew == NOT_FOUND ? 0 : 1;
            return anew;
        }
        if (event == FlowEvent.OPEN && FlowStateDescriptor.state(word) == FlowStateDescriptor.CLOSING) {
            return renew(columns, i, table, stateAddress, tick); // the old connection's ports, used again
        }
        int destination = FlowStateDescriptor.destination(word);
        if (!isUsable(destinations, destination)) {
            return repin(columns, i, table, stateAddress, tick);
        }
        statistics.hits++;
        long next = FlowStateDescriptor.next(word, event, tick);
        if (next != word) {
            Memory.putLong(stateAddress, next); // at most one write a flow and tick
        }
        return destination;
    }

    /** A new flow in the entry of an old one with the same key. */
    private int renew(long columns, int i, ForwardingTable table, long stateAddress, int tick) {
        int destination = choose(columns, i, table);
        if (destination != NOT_FOUND) {
            statistics.misses++;
            Memory.putLong(stateAddress, firstState(columns, i, table, destination, tick));
        }
        return destination;
    }

    /** A flow whose destination is gone: to the same backend if the VIP reaches it in another way now, else anew. */
    private int repin(long columns, int i, ForwardingTable table, long stateAddress, int tick) {
        long word = Memory.getLong(stateAddress);
        int destination = table.successor(Burst.vip(columns, i), FlowStateDescriptor.destination(word));
        if (destination == ForwardingTable.NO_DESTINATION) {
            destination = choose(columns, i, table);
            if (destination == NOT_FOUND) {
                return NOT_FOUND;
            }
            statistics.repins++;
        } else {
            statistics.hits++;
        }
        long next = FlowStateDescriptor.next(word, Burst.event(columns, i), tick);
        Memory.putLong(stateAddress, FlowStateDescriptor.repinned(next, destination));
        return destination;
    }

    private int add(long columns, int i, ForwardingTable table, int tick) {
        int destination = choose(columns, i, table);
        if (destination == NOT_FOUND) {
            return NOT_FOUND;
        }
        statistics.misses++;
        long word = firstState(columns, i, table, destination, tick);
        if (Burst.verdict(columns, i) == Verdict.IPV4) {
            long entry = ipv4.claim(Burst.hash(columns, i), word, tick, table.vipSeeds());
            if (entry != 0) {
                Ipv4FlowTable.write(entry, Burst.clientLow(columns, i), word);
            }
        } else {
            long entry = ipv6.claim(Burst.hash(columns, i), word, tick, table.vipSeeds());
            if (entry != 0) {
                Ipv6FlowTable.write(
                        entry,
                        Burst.clientHigh(columns, i),
                        Burst.clientLow(columns, i),
                        Burst.ports(columns, i),
                        word);
            }
        }
        return destination;
    }

    private static long firstState(long columns, int i, ForwardingTable table, int destination, int tick) {
        int vip = Burst.vip(columns, i);
        return FlowStateDescriptor.first(vip, destination, table.isUdp(vip), Burst.event(columns, i), tick);
    }

    /** {@return the destination that Maglev gives a new flow, or NOT_FOUND with the drop verdict set} */
    private static int choose(long columns, int i, ForwardingTable table) {
        int vip = Burst.vip(columns, i);
        int[] slots = table.slots(vip);
        if (slots.length == 0) {
            Burst.verdict(columns, i, DROP_NO_BACKEND);
            return NOT_FOUND;
        }
        return slots[MaglevTable.slotOf(maglevHash(columns, i, table), slots.length)];
    }

    private static long maglevHash(long columns, int i, ForwardingTable table) {
        int vip = Burst.vip(columns, i);
        if (!table.isSourceAffinity(vip)) {
            return Burst.hash(columns, i);
        }
        long seed = table.vipSeeds()[vip];
        return Burst.verdict(columns, i) == Verdict.IPV4
                ? FlowHash.source(0, Burst.clientLow(columns, i) >>> Integer.SIZE, seed)
                : FlowHash.source(Burst.clientHigh(columns, i), Burst.clientLow(columns, i), seed);
    }
}
