package io.l4lb.pin;

import io.l4lb.admit.NewFlowLimit;
import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.Prefetch;
import io.l4lb.flow.FlowEvent;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingTable;
import java.util.Optional;

/**
 * Finds the destination of every packet to a VIP. One instance a worker; worker thread only.
 *
 * <p>Loops of their own, so that the cache misses of a burst overlap: the addresses of all first buckets, prefetched by one
 * short call of the shim (on the C twin, 20.5 ns a packet at a million flows against 30.7 without); flows found in their
 * first bucket; and for the few that were not, the Maglev table and a prefetch of their second bucket, then one pass over
 * both buckets that finds the flow or its place.
 */
public final class Pin {
    private static final int DROP_NO_BACKEND = Verdict.drop(DropReason.NO_BACKEND);
    /** In the destination column: no backend takes new flows. */
    private static final int NO_DESTINATION = ForwardingTable.NO_DESTINATION;

    /** Under load 32 buckets once in 16 bursts: the two of one burst would be a cache miss each time, 5 ns a packet. */
    private static final int SWEEP_BUSY_BUCKETS = 32;

    private static final int SWEEP_BUSY_CALLS = 16;
    private static final int SWEEP_IDLE_BUCKETS = 64;

    private final Ipv4FlowTable ipv4;
    private final Ipv6FlowTable ipv6;
    private final FlowInspection inspection;
    private final FlowLife life;
    /** Null: flow state is not replicated. */
    private final FlowTracker tracker;

    private final FlowTableStatistics statistics = new FlowTableStatistics();
    private final NewFlowLimit newFlows;
    /** Of VIPs without an idle time of their own. */
    private final FlowTimeouts timeouts;
    /** What the tables go by. */
    private FlowTimeouts used;

    private int sweepCalls;

    /**
     * @param flows flows that each of the two tables holds without evicting one
     * @param populateIpv4 whether to touch all memory of the IPv4 table now (there are IPv4 VIPs)
     * @param populateIpv6 likewise
     */
    public Pin(int flows, boolean populateIpv4, boolean populateIpv6, FlowTimeouts timeouts) {
        this(flows, populateIpv4, populateIpv6, timeouts, Optional.empty());
    }

    /** @param replication where to tell of flows, and to look for them */
    public Pin(
            int flows,
            boolean populateIpv4,
            boolean populateIpv6,
            FlowTimeouts timeouts,
            Optional<FlowTracker> replication) {
        this(flows, populateIpv4, populateIpv6, timeouts, replication, new NewFlowLimit(0, 0));
    }

    /** @param newFlows how many may begin */
    public Pin(
            int flows,
            boolean populateIpv4,
            boolean populateIpv6,
            FlowTimeouts timeouts,
            Optional<FlowTracker> replication,
            NewFlowLimit newFlows) {
        this.newFlows = newFlows;
        this.timeouts = timeouts;
        this.used = timeouts;
        tracker = replication.orElse(null);
        life = new FlowLife(timeouts, statistics, tracker, newFlows);
        ipv4 = new Ipv4FlowTable(flows, populateIpv4, timeouts, statistics);
        ipv6 = new Ipv6FlowTable(flows, populateIpv6, timeouts, statistics);
        inspection = new FlowInspection(ipv4, ipv6);
    }

    /** {@return the live counts; other threads read them from the worker's counters} */
    public FlowTableStatistics statistics() {
        return statistics;
    }

    /** {@return changes that replication was not told of because its ring was full} */
    public long untoldChanges() {
        return tracker == null ? 0 : tracker.refused();
    }

    /** {@return flows in both tables} */
    public long flowCount() {
        return (long) ipv4.flowCount() + ipv6.flowCount();
    }

    /** {@return the tables, to be read by the worker's own thread} */
    public FlowInspection inspection() {
        return inspection;
    }

    /** Frees the tables; the worker must have stopped. */
    public void close() {
        ipv4.close();
        ipv6.close();
        if (tracker != null) {
            tracker.close();
        }
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
    public void run(Burst burst, ForwardingTable table, long destinations, int tick, long nowNs) {
        if (burst.toVipCount != 0) {
            long[] columns = burst.columns();
            newFlows.at(nowNs);
            if ((table.timeouts() == null ? timeouts : table.timeouts()) != used) {
                use(table.timeouts() == null ? timeouts : table.timeouts());
            }
            long stateless = table.hasStateless() ? Stateless.choose(burst, table) : 0;
            prefetchFirstBuckets(burst, columns);
            long missing = findInFirstBuckets(burst, columns, table, destinations, tick);
            if (missing != 0) {
                chooseForMissing(burst, columns, missing, table);
                findOrAdd(columns, missing, table, destinations, tick);
            }
            if (stateless != 0) {
                statistics.stateless += Stateless.goOn(columns, stateless);
            }
            if (tracker != null) {
                tracker.publish();
            }
        }
    }

    private void use(FlowTimeouts next) {
        used = next;
        life.use(next);
        ipv4.use(next);
        ipv6.use(next);
    }

    /**
     * Frees idle flows of a few buckets a call. A table of 8 M flows (4 M buckets) is gone round in 2 s at a million bursts a
     * second, in a minute by an idle worker that wakes 1,000 times a second, in half an hour by one that is slow and never
     * idle; nothing but the count of flows waits for it.
     */
    public void sweep(int tick, boolean idle) {
        if (idle || ++sweepCalls % SWEEP_BUSY_CALLS == 0) {
            int count = idle ? SWEEP_IDLE_BUCKETS : SWEEP_BUSY_BUCKETS;
            ipv4.sweep(count, tick);
            ipv6.sweep(count, tick);
        }
    }

    private void prefetchFirstBuckets(Burst burst, long[] columns) {
        int count = burst.count;
        long buckets = burst.buckets();
        for (int i = 0; i < count; i++) {
            int kind = Burst.verdict(columns, i);
            // a final verdict leaves the address of some earlier packet's bucket: harmless to prefetch
            if (kind <= Verdict.IPV6) {
                long bucket = kind == Verdict.IPV4
                        ? ipv4.firstBucket(Burst.hash(columns, i))
                        : ipv6.firstBucket(Burst.hash(columns, i));
                Burst.entry(buckets, i, bucket);
            }
        }
        Prefetch.lines(burst.buckets(), count);
    }

    /** {@return which packets were not found, as a set of bits} */
    private long findInFirstBuckets(Burst burst, long[] columns, ForwardingTable table, long destinations, int tick) {
        int count = burst.count;
        long buckets = burst.buckets();
        boolean looksElsewhere = tracker != null;
        long missing = 0;
        int settled = 0;
        for (int i = 0; i < count; i++) {
            int kind = Burst.verdict(columns, i);
            if (kind > Verdict.IPV6) {
                continue;
            }
            long state = kind == Verdict.IPV4
                    ? findIpv4(columns, i, Burst.entry(buckets, i))
                    : findIpv6(columns, i, Burst.entry(buckets, i));
            if (state == 0) {
                missing |= 1L << i;
                continue;
            }
            long word = Memory.getLong(state);
            if (looksElsewhere && FlowTracker.isStale(word, tick)) {
                missing |= 1L << i; // what the cluster knows of it is looked up with the others
                continue;
            }
            int destination = FlowStateDescriptor.destination(word);
            if (FlowStateDescriptor.isSettled(word, Burst.event(columns, i), tick)
                    && FlowLife.isUsable(destinations, destination)) {
                settled++;
            } else {
                destination = life.goOn(columns, i, table, destinations, state, tick);
            }
            Burst.destination(columns, i, destination);
        }
        statistics.hits += settled;
        return missing;
    }

    /** {@return the address of the state of the packet's flow, or 0 when its first bucket does not hold it} */
    private static long findIpv4(long[] columns, int i, long bucket) {
        long entry = Ipv4FlowTable.find(bucket, Burst.clientLow(columns, i), Burst.vip(columns, i));
        return entry == 0 ? 0 : entry + Ipv4FlowTable.STATE_OFFSET;
    }

    private static long findIpv6(long[] columns, int i, long bucket) {
        long entry = Ipv6FlowTable.find(
                bucket,
                Burst.clientHigh(columns, i),
                Burst.clientLow(columns, i),
                Burst.ports(columns, i),
                Burst.vip(columns, i));
        return entry == 0 ? 0 : entry + Ipv6FlowTable.STATE_OFFSET;
    }

    /**
     * Of the packets that were not found: their second bucket is prefetched, and the Maglev table looked up into the
     * destination column, whether or not it will be needed: in a loop of its own those misses overlap.
     */
    private void chooseForMissing(Burst burst, long[] columns, long missing, ForwardingTable table) {
        int count = 0;
        long seconds = burst.buckets();
        for (long left = missing; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            long hash = Burst.hash(columns, i);
            long second = Burst.verdict(columns, i) == Verdict.IPV4 ? ipv4.secondBucket(hash) : ipv6.secondBucket(hash);
            Burst.entry(seconds, count++, second);
            if (Burst.event(columns, i) != FlowEvent.ROUTED) { // that one has its destination
                Burst.destination(columns, i, FlowLife.choice(columns, i, table));
            }
        }
        Prefetch.lines(burst.buckets(), count);
        if (tracker != null) {
            tracker.prefetch(columns, missing);
        }
    }

    private void findOrAdd(long[] columns, long missing, ForwardingTable table, long destinations, int tick) {
        Ipv4FlowTable flows4 = ipv4;
        Ipv6FlowTable flows6 = ipv6;
        int added = 0;
        for (long left = missing; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            boolean isIpv4 = Burst.verdict(columns, i) == Verdict.IPV4;
            long state = isIpv4 ? findInEither(flows4, columns, i) : findInEither(flows6, columns, i);
            if (state != 0) {
                Burst.destination(columns, i, life.goOn(columns, i, table, destinations, state, tick));
                continue;
            }
            if (FlowEvent.leavesNoTrace(Burst.event(columns, i))) {
                Burst.destination(columns, i, life.quoted(columns, i, table, destinations, 0, tick));
                continue;
            }
            boolean isRouted = Burst.event(columns, i) == FlowEvent.ROUTED;
            if (isRouted && !life.mayFollow(columns, i, table, tick)) {
                continue; // it goes its own way, and its flow another one
            }
            long known = life.knownElsewhere(columns, i, table, tick);
            long word = known == 0 ? firstWord(columns, i, table, isRouted, tick) : known;
            if (word == 0 || word == FlowLife.NOT_CONFIGURED) {
                continue; // dropped, or to where the Maglev table has it
            }
            Burst.destination(columns, i, FlowStateDescriptor.destination(word));
            boolean hasPlace =
                    isIpv4 ? add(flows4, columns, i, table, word, tick) : add(flows6, columns, i, table, word, tick);
            if (hasPlace && known == 0) {
                life.began(columns, i, table, word);
                added++;
            } else if (hasPlace) {
                statistics.takeovers++;
            }
        }
        statistics.misses += added;
    }

    /** {@return the word of a flow that nobody knows; 0: it gets no entry, or its packet is dropped} */
    private long firstWord(long[] columns, int i, ForwardingTable table, boolean isRouted, int tick) {
        int destination = Burst.destination(columns, i);
        int refused = destination == NO_DESTINATION
                ? DROP_NO_BACKEND
                : mayBeUnderWay(columns, i, table, tick) ? NewFlowLimit.LET_IN : newFlows.verdict(columns, i, table);
        if (refused == NewFlowLimit.LET_IN) {
            return FlowLife.first(columns, i, table, destination, tick);
        }
        if (refused == NewFlowLimit.WITHOUT_ENTRY || isRouted) { // a routed one goes on, it needs no flow
            statistics.unpinned++;
        } else {
            Burst.verdict(columns, i, refused);
        }
        return 0;
    }

    /**
     * {@return whether the packet may be a later one of a UDP flow for which there was no place}: nothing tells it from a first one,
     * and limits for new flows must not end a flow. Of TCP a SYN does.
     */
    private boolean mayBeUnderWay(long[] columns, int i, ForwardingTable table, int tick) {
        int vip = Burst.vip(columns, i);
        if (!table.isUdp(vip) || !newFlows.isLimited(table, vip)) {
            return false;
        }
        FlowTable flows = Burst.verdict(columns, i) == Verdict.IPV4 ? ipv4 : ipv6;
        return flows.isAllProven(Burst.hash(columns, i), tick);
    }

    /** Once more in the first bucket too: an earlier packet of this burst may have added the flow, or moved it there. */
    private static long findInEither(Ipv4FlowTable flows, long[] columns, int i) {
        long hash = Burst.hash(columns, i);
        long entry = Ipv4FlowTable.findInEither(
                flows.firstBucket(hash), flows.secondBucket(hash), Burst.clientLow(columns, i), Burst.vip(columns, i));
        return entry == 0 ? 0 : entry + Ipv4FlowTable.STATE_OFFSET;
    }

    private static long findInEither(Ipv6FlowTable flows, long[] columns, int i) {
        long hash = Burst.hash(columns, i);
        long entry = Ipv6FlowTable.findInEither(
                flows.firstBucket(hash),
                flows.secondBucket(hash),
                Burst.clientHigh(columns, i),
                Burst.clientLow(columns, i),
                Burst.ports(columns, i),
                Burst.vip(columns, i));
        return entry == 0 ? 0 : entry + Ipv6FlowTable.STATE_OFFSET;
    }

    /** {@return whether there was a place} */
    private static boolean add(Ipv4FlowTable flows, long[] columns, int i, ForwardingTable table, long word, int tick) {
        long hash = Burst.hash(columns, i);
        long entry = flows.claim(flows.firstBucket(hash), flows.secondBucket(hash), tick, table.vipSeeds());
        if (entry != 0) {
            Ipv4FlowTable.write(entry, Burst.clientLow(columns, i), word);
        }
        return entry != 0;
    }

    private static boolean add(Ipv6FlowTable flows, long[] columns, int i, ForwardingTable table, long word, int tick) {
        long hash = Burst.hash(columns, i);
        long entry = flows.claim(flows.firstBucket(hash), flows.secondBucket(hash), tick, table.vipSeeds());
        if (entry != 0) {
            Ipv6FlowTable.write(
                    entry, Burst.clientHigh(columns, i), Burst.clientLow(columns, i), Burst.ports(columns, i), word);
        }
        return entry != 0;
    }
}
