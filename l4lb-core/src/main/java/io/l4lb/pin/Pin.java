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

    private static final int SWEEP_BUSY_BUCKETS = 1;
    private static final int SWEEP_IDLE_BUCKETS = 16;

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

    /** Fills the destination column; a packet for which there is no backend is dropped. */
    public void run(Burst burst, ForwardingTable table, long destinations, int tick) {
        if (burst.toVipCount != 0) {
            prefetchBuckets(burst);
            int missing = findInFirstBuckets(burst, table, destinations, tick);
            if (missing != 0) {
                findOrAdd(burst, table, destinations, tick);
            }
        }
    }

    /** Frees idle flows of a few buckets a call: a table of 8 M flows is gone round in seconds under load. */
    public void sweep(int tick, boolean idle) {
        int count = idle ? SWEEP_IDLE_BUCKETS : SWEEP_BUSY_BUCKETS;
        ipv4.sweep(count, tick);
        ipv6.sweep(count, tick);
    }

    private void prefetchBuckets(Burst burst) {
        int count = burst.count;
        int[] verdict = burst.verdict;
        long[] hash = burst.hash;
        for (int i = 0; i < count; i++) {
            int kind = verdict[i];
            // a final verdict leaves the address of some earlier packet's bucket: harmless to prefetch
            if (kind <= Verdict.IPV6) {
                long bucket = kind == Verdict.IPV4 ? ipv4.firstBucket(hash[i]) : ipv6.firstBucket(hash[i]);
                Memory.putLong(burst.buckets + ((long) i << 3), bucket);
            }
        }
        Prefetch.lines(burst.buckets, count);
    }

    private int findInFirstBuckets(Burst burst, ForwardingTable table, long destinations, int tick) {
        int count = burst.count;
        int[] verdict = burst.verdict;
        int[] destination = burst.destination;
        int missing = 0;
        for (int i = 0; i < count; i++) {
            int kind = verdict[i];
            if (kind > Verdict.IPV6) {
                continue;
            }
            long bucket = Memory.getLong(burst.buckets + ((long) i << 3));
            long state = kind == Verdict.IPV4
                    ? stateAddress(
                            Ipv4FlowTable.find(bucket, burst.clientLow[i], burst.vip[i]), Ipv4FlowTable.STATE_OFFSET)
                    : stateAddress(
                            Ipv6FlowTable.find(
                                    bucket, burst.clientHigh[i], burst.clientLow[i], burst.ports[i], burst.vip[i]),
                            Ipv6FlowTable.STATE_OFFSET);
            if (state == 0) {
                destination[i] = NOT_FOUND;
                missing++;
            } else {
                destination[i] = refresh(burst, i, table, destinations, state, tick);
            }
        }
        return missing;
    }

    private void findOrAdd(Burst burst, ForwardingTable table, long destinations, int tick) {
        int count = burst.count;
        for (int i = 0; i < count; i++) {
            if (burst.verdict[i] <= Verdict.IPV6 && burst.destination[i] == NOT_FOUND) {
                // once more in the first bucket too: an earlier packet of this burst may have added the flow
                long state = burst.verdict[i] == Verdict.IPV4 ? findIpv4(burst, i) : findIpv6(burst, i);
                burst.destination[i] =
                        state == 0 ? add(burst, i, table, tick) : refresh(burst, i, table, destinations, state, tick);
            }
        }
    }

    private long findIpv4(Burst burst, int i) {
        long key = burst.clientLow[i];
        int vip = burst.vip[i];
        long entry = Ipv4FlowTable.find(ipv4.secondBucket(burst.hash[i]), key, vip);
        return stateAddress(
                entry != 0 ? entry : Ipv4FlowTable.find(ipv4.firstBucket(burst.hash[i]), key, vip),
                Ipv4FlowTable.STATE_OFFSET);
    }

    private long findIpv6(Burst burst, int i) {
        long high = burst.clientHigh[i];
        long low = burst.clientLow[i];
        int vip = burst.vip[i];
        long entry = Ipv6FlowTable.find(ipv6.secondBucket(burst.hash[i]), high, low, burst.ports[i], vip);
        return stateAddress(
                entry != 0
                        ? entry
                        : Ipv6FlowTable.find(ipv6.firstBucket(burst.hash[i]), high, low, burst.ports[i], vip),
                Ipv6FlowTable.STATE_OFFSET);
    }

    private static long stateAddress(long entry, int stateOffset) {
        return entry == 0 ? 0 : entry + stateOffset;
    }

    /** A packet of a known flow: its state goes on; {@return its destination, chosen anew where it must be} */
    private int refresh(Burst burst, int i, ForwardingTable table, long destinations, long stateAddress, int tick) {
        long word = Memory.getLong(stateAddress);
        int event = burst.event[i];
        if (timeouts.isExpired(word, tick)) {
            int anew = renew(burst, i, table, stateAddress, tick);
            // without a backend the entry stays as it is, and must not be counted again with every packet
            statistics.expirations += anew == NOT_FOUND ? 0 : 1;
            return anew;
        }
        if (event == FlowEvent.OPEN && FlowStateDescriptor.state(word) == FlowStateDescriptor.CLOSING) {
            return renew(burst, i, table, stateAddress, tick); // the old connection's ports, used again
        }
        int destination = FlowStateDescriptor.destination(word);
        long record = destinations + ((long) destination << DestinationDescriptor.LENGTH_SHIFT);
        if (DestinationDescriptor.kind(record) == DestinationDescriptor.UNUSABLE) {
            return repin(burst, i, table, stateAddress, tick);
        }
        statistics.hits++;
        long next = FlowStateDescriptor.next(word, event, tick);
        if (next != word) {
            Memory.putLong(stateAddress, next); // at most one write a flow and tick
        }
        return destination;
    }

    /** A new flow in the entry of an old one with the same key. */
    private int renew(Burst burst, int i, ForwardingTable table, long stateAddress, int tick) {
        int destination = choose(burst, i, table);
        if (destination != NOT_FOUND) {
            statistics.misses++;
            Memory.putLong(stateAddress, firstState(burst, i, table, destination, tick));
        }
        return destination;
    }

    /** A flow whose destination is gone: to the same backend if the VIP reaches it in another way now, else anew. */
    private int repin(Burst burst, int i, ForwardingTable table, long stateAddress, int tick) {
        long word = Memory.getLong(stateAddress);
        int destination = table.successor(burst.vip[i], FlowStateDescriptor.destination(word));
        if (destination == ForwardingTable.NO_DESTINATION) {
            destination = choose(burst, i, table);
            if (destination == NOT_FOUND) {
                return NOT_FOUND;
            }
            statistics.repins++;
        } else {
            statistics.hits++;
        }
        long next = FlowStateDescriptor.next(word, burst.event[i], tick);
        Memory.putLong(stateAddress, FlowStateDescriptor.repinned(next, destination));
        return destination;
    }

    private int add(Burst burst, int i, ForwardingTable table, int tick) {
        int destination = choose(burst, i, table);
        if (destination == NOT_FOUND) {
            return NOT_FOUND;
        }
        statistics.misses++;
        long word = firstState(burst, i, table, destination, tick);
        if (burst.verdict[i] == Verdict.IPV4) {
            long entry = ipv4.claim(burst.hash[i], word, tick, table.vipSeeds());
            if (entry != 0) {
                Ipv4FlowTable.write(entry, burst.clientLow[i], word);
            }
        } else {
            long entry = ipv6.claim(burst.hash[i], word, tick, table.vipSeeds());
            if (entry != 0) {
                Ipv6FlowTable.write(entry, burst.clientHigh[i], burst.clientLow[i], burst.ports[i], word);
            }
        }
        return destination;
    }

    private static long firstState(Burst burst, int i, ForwardingTable table, int destination, int tick) {
        int vip = burst.vip[i];
        return FlowStateDescriptor.first(vip, destination, table.isUdp(vip), burst.event[i], tick);
    }

    /** {@return the destination that Maglev gives a new flow, or NOT_FOUND with the drop verdict set} */
    private static int choose(Burst burst, int i, ForwardingTable table) {
        int vip = burst.vip[i];
        int[] slots = table.slots(vip);
        if (slots.length == 0) {
            burst.verdict[i] = DROP_NO_BACKEND;
            return NOT_FOUND;
        }
        return slots[MaglevTable.slotOf(maglevHash(burst, i, table), slots.length)];
    }

    private static long maglevHash(Burst burst, int i, ForwardingTable table) {
        int vip = burst.vip[i];
        if (!table.isSourceAffinity(vip)) {
            return burst.hash[i];
        }
        long seed = table.vipSeeds()[vip];
        return burst.verdict[i] == Verdict.IPV4
                ? FlowHash.source(0, burst.clientLow[i] >>> Integer.SIZE, seed)
                : FlowHash.source(burst.clientHigh[i], burst.clientLow[i], seed);
    }
}
