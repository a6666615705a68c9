package io.l4lb.pin;

import io.l4lb.admit.NewFlowLimit;
import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowEvent;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.flow.SourceMask;
import io.l4lb.forwarding.DestinationDescriptor;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.hash.MaglevTable;
import io.l4lb.replica.ReplicaBuckets;

/**
 * What a packet makes of its flow when more is to be done than to count it: the flow goes on, begins anew, or gets another
 * destination. Worker thread; hot, but not for packets of settled flows.
 */
final class FlowLife {
    private static final int DROP_NO_BACKEND = Verdict.drop(DropReason.NO_BACKEND);
    private static final int DROP_NOT_CONFIGURED = Verdict.drop(DropReason.BACKEND_NOT_CONFIGURED);
    /** No word of a flow, for VIP numbers begin at 1: its backend has never been in this node's configuration. */
    static final long NOT_CONFIGURED = 1;

    /** In the destination column: no backend takes new flows. */
    private static final int NO_DESTINATION = ForwardingTable.NO_DESTINATION;

    private final NewFlowLimit newFlows;
    private FlowTimeouts timeouts;
    private final FlowTableStatistics statistics;
    /** Null: flow state is not replicated. */
    private final FlowTracker tracker;

    FlowLife(FlowTimeouts timeouts, FlowTableStatistics statistics, FlowTracker tracker, NewFlowLimit newFlows) {
        this.newFlows = newFlows;
        this.timeouts = timeouts;
        this.statistics = statistics;
        this.tracker = tracker;
    }

    /** Goes by other idle times from now on. */
    void use(FlowTimeouts next) {
        timeouts = next;
    }

    private static boolean takesNewFlows(long destinations, int destination) {
        long record = destinations + ((long) destination << DestinationDescriptor.LENGTH_SHIFT);
        return DestinationDescriptor.takesNewFlows(record);
    }

    static boolean isUsable(long destinations, int destination) {
        long record = destinations + ((long) destination << DestinationDescriptor.LENGTH_SHIFT);
        return DestinationDescriptor.kind(record) != DestinationDescriptor.UNUSABLE;
    }

    /** A packet of a known flow: its state goes on; {@return its destination, chosen anew where it must be} */
    int goOn(long[] columns, int i, ForwardingTable table, long destinations, long stateAddress, int tick) {
        long word = Memory.getLong(stateAddress);
        int event = Burst.event(columns, i);
        if (FlowEvent.leavesNoTrace(event)) {
            return quoted(columns, i, table, destinations, word, tick);
        }
        if (event == FlowEvent.ROUTED) {
            return routed(columns, i, table, destinations, stateAddress, tick);
        }
        if (timeouts.isExpired(word, tick)) {
            int anew = renew(columns, i, table, destinations, stateAddress, tick);
            // without a backend the entry stays as it is, and must not be counted again with every packet
            statistics.expirations += anew == NO_DESTINATION ? 0 : 1;
            return anew;
        }
        if (event == FlowEvent.OPEN && FlowStateDescriptor.state(word) == FlowStateDescriptor.CLOSING) {
            return renew(columns, i, table, destinations, stateAddress, tick); // the old connection's ports, used again
        }
        if (tracker != null && tracker.isToBeChecked(word, tick, Burst.hash(columns, i))) {
            word = elsewhere(columns, i, table, word, tick);
        }
        int destination = FlowStateDescriptor.destination(word);
        if (!isUsable(destinations, destination)) {
            return repin(columns, i, table, stateAddress, tick);
        }
        statistics.hits++;
        long next = FlowStateDescriptor.next(word, event, tick);
        if (next != Memory.getLong(stateAddress)) {
            Memory.putLong(stateAddress, next); // at most one write a flow and tick
            if (tracker != null) {
                tracker.wentOn(columns, i, table, word, next, tick);
            }
        }
        return destination;
    }

    /**
     * {@return where something goes that is about a flow, and changes nothing of it}
     *
     * @param word of the flow in this worker's table; 0: there is none
     */
    int quoted(long[] columns, int i, ForwardingTable table, long destinations, long word, int tick) {
        boolean isOurs = word != 0 && !timeouts.isExpired(word, tick);
        if (!isOurs || FlowTracker.isStale(word, tick)) {
            long known = tracker == null ? 0 : tracker.known(columns, i, table, tick);
            int elsewhere = known == 0
                    ? NO_DESTINATION
                    : table.destinationOf(Burst.vip(columns, i), ReplicaBuckets.backend(known));
            if (elsewhere != NO_DESTINATION && (!isOurs || ReplicaBuckets.isForeign(known))) {
                return elsewhere;
            }
        }
        if (isOurs) {
            int own = FlowStateDescriptor.destination(word);
            int usable = isUsable(destinations, own) ? own : table.successor(Burst.vip(columns, i), own);
            if (usable != NO_DESTINATION) {
                return usable;
            }
        }
        statistics.quotesUnknown += Burst.event(columns, i) == FlowEvent.QUOTED ? 1 : 0;
        int choice = choice(columns, i, table);
        if (choice == NO_DESTINATION) {
            Burst.verdict(columns, i, DROP_NO_BACKEND);
        }
        return choice;
    }

    /**
     * A packet whose connection ID has said where it goes, of a flow with an entry; {@return that}. The flow goes on if it goes
     * there too, and follows if its own backend is gone; else the packet leaves no trace. A pin that any such packet could move
     * could be moved by whoever has seen a connection ID and forges a source.
     */
    private int routed(long[] columns, int i, ForwardingTable table, long destinations, long stateAddress, int tick) {
        long word = Memory.getLong(stateAddress);
        int destination = Burst.destination(columns, i);
        if (timeouts.isExpired(word, tick)) {
            if (mayFollow(columns, i, table, tick)) {
                long known = knownElsewhere(columns, i, table, tick);
                statistics.expirations++;
                if (known == 0) {
                    begin(columns, i, table, destination, stateAddress, tick);
                } else {
                    statistics.takeovers++;
                    Memory.putLong(stateAddress, known);
                }
            }
            return destination;
        }
        int own = FlowStateDescriptor.destination(word);
        int usable = isUsable(destinations, own) ? own : table.successor(Burst.vip(columns, i), own);
        if (usable != destination && usable != NO_DESTINATION) {
            return destination;
        }
        Burst.event(columns, i, FlowEvent.DATA);
        statistics.hits++;
        long next = FlowStateDescriptor.repinned(FlowStateDescriptor.next(word, FlowEvent.DATA, tick), destination);
        if (next != word) {
            Memory.putLong(stateAddress, next);
            if (tracker != null && usable == destination) {
                tracker.wentOn(columns, i, table, word, next, tick);
            } else if (tracker != null) {
                tracker.repinned(columns, i, table, next);
            }
        }
        return destination;
    }

    /**
     * {@return whether a flow without an entry here may be pinned to where a connection ID has sent its packet}: unless the
     * cluster knows it to be elsewhere. If so, the packet is from now on like any other.
     */
    boolean mayFollow(long[] columns, int i, ForwardingTable table, int tick) {
        long known = tracker == null ? 0 : tracker.known(columns, i, table, tick);
        boolean may = known == 0
                || table.destinationOf(Burst.vip(columns, i), ReplicaBuckets.backend(known))
                        == Burst.destination(columns, i);
        if (may) {
            Burst.event(columns, i, FlowEvent.DATA);
        }
        return may;
    }

    /** {@return whether a packet of the flow came here later than this worker's last}: to another worker of this node */
    private static boolean isLater(long known, long word, int tick) {
        return FlowStateDescriptor.age(known, tick) < FlowStateDescriptor.age(word, tick);
    }

    /** {@return the flow's word, with another destination if another node or worker has claimed the flow for one meanwhile} */
    private long elsewhere(long[] columns, int i, ForwardingTable table, long word, int tick) {
        long known = tracker.known(columns, i, table, tick);
        if (known == 0 || (!ReplicaBuckets.isForeign(known) && !isLater(known, word, tick))) {
            return word;
        }
        int destination = table.destinationOf(Burst.vip(columns, i), ReplicaBuckets.backend(known));
        if (destination == NO_DESTINATION) {
            return word;
        }
        if (destination == FlowStateDescriptor.destination(word)) {
            // closed elsewhere meanwhile; or closed here, and the next connection of its ports begun elsewhere
            return isLater(known, word, tick)
                    ? FlowStateDescriptor.withCode(word, FlowStateDescriptor.code(known))
                    : word;
        }
        statistics.moved += Burst.event(columns, i) == FlowEvent.OPEN ? 0 : 1;
        return FlowStateDescriptor.withCode(
                FlowStateDescriptor.repinned(word, destination), FlowStateDescriptor.code(known));
    }

    /**
     * A new flow in the entry of an old one with the same key. If that one has closed, and not long ago, it keeps the backend: the
     * FIN and the SYN may be forged, and neither ends a connection that the backend still has.
     */
    private int renew(long[] columns, int i, ForwardingTable table, long destinations, long stateAddress, int tick) {
        long word = knownElsewhere(columns, i, table, tick);
        if (word == NOT_CONFIGURED) {
            return NO_DESTINATION;
        }
        if (word != 0) {
            statistics.takeovers++;
            Memory.putLong(stateAddress, word);
            return FlowStateDescriptor.destination(word);
        }
        long before = Memory.getLong(stateAddress);
        int destination = FlowStateDescriptor.destination(before);
        if (timeouts.isExpired(before, tick) || !takesNewFlows(destinations, destination)) {
            destination = choice(columns, i, table);
        }
        if (destination == NO_DESTINATION) {
            Burst.verdict(columns, i, DROP_NO_BACKEND);
            return NO_DESTINATION;
        }
        int refused = newFlows.verdict(columns, i, table);
        if (refused > NewFlowLimit.LET_IN) { // the entry is there: nothing is saved without it
            Burst.verdict(columns, i, refused);
            return NO_DESTINATION;
        }
        begin(columns, i, table, destination, stateAddress, tick);
        return destination;
    }

    /** A flow whose destination is gone: to the same backend if the VIP reaches it in another way now, else anew. */
    private int repin(long[] columns, int i, ForwardingTable table, long stateAddress, int tick) {
        long word = Memory.getLong(stateAddress);
        int destination = table.successor(Burst.vip(columns, i), FlowStateDescriptor.destination(word));
        boolean anew = false;
        if (destination == NO_DESTINATION && tracker != null) {
            long known = tracker.known(columns, i, table, tick);
            destination = known == 0
                    ? NO_DESTINATION
                    : table.destinationOf(Burst.vip(columns, i), ReplicaBuckets.backend(known));
            statistics.repins += destination == NO_DESTINATION ? 0 : 1;
        } else if (destination != NO_DESTINATION) {
            statistics.hits++;
        }
        if (destination == NO_DESTINATION) {
            destination = choice(columns, i, table);
            if (destination == NO_DESTINATION) {
                Burst.verdict(columns, i, DROP_NO_BACKEND);
                return NO_DESTINATION;
            }
            statistics.repins++;
            anew = true;
        }
        long next = FlowStateDescriptor.repinned(
                FlowStateDescriptor.next(word, Burst.event(columns, i), tick), destination);
        Memory.putLong(stateAddress, next);
        if (anew && tracker != null) {
            tracker.repinned(columns, i, table, next);
        }
        return destination;
    }

    /**
     * {@return the first word of a flow that this table does not hold, but the cluster knows, its packet taken into account; 0:
     * nobody knows it, or its backend cannot be used here; {@link #NOT_CONFIGURED}: its packet is dropped}
     */
    long knownElsewhere(long[] columns, int i, ForwardingTable table, int tick) {
        long known = tracker == null ? 0 : tracker.known(columns, i, table, tick);
        int vip = Burst.vip(columns, i);
        int destination = known == 0 ? NO_DESTINATION : table.destinationOf(vip, ReplicaBuckets.backend(known));
        if (destination == NO_DESTINATION) {
            if (known != 0
                    && Burst.event(columns, i) != FlowEvent.OPEN
                    && !table.hasHad(ReplicaBuckets.backend(known))) {
                Burst.verdict(columns, i, DROP_NOT_CONFIGURED);
                return NOT_CONFIGURED; // elsewhere it would end the connection; a reload may be on its way
            }
            statistics.unknown += Burst.event(columns, i) == FlowEvent.DATA && !table.isUdp(vip) ? 1 : 0;
            return 0;
        }
        long word = FlowStateDescriptor.word(vip, destination, FlowStateDescriptor.code(known), (int) known);
        long next = FlowStateDescriptor.next(word, Burst.event(columns, i), tick);
        tracker.wentOn(columns, i, table, word, next, tick);
        return next;
    }

    /** A flow that nobody knows begins in an entry that it has. */
    private void begin(long[] columns, int i, ForwardingTable table, int destination, long stateAddress, int tick) {
        long word = first(columns, i, table, destination, tick);
        statistics.misses++;
        Memory.putLong(stateAddress, word);
        began(columns, i, table, word);
    }

    /** {@return the first word of a flow that nobody knows} */
    static long first(long[] columns, int i, ForwardingTable table, int destination, int tick) {
        int vip = Burst.vip(columns, i);
        return FlowStateDescriptor.first(vip, destination, table.isUdp(vip), Burst.event(columns, i), tick);
    }

    /** A flow that nobody knew has got an entry with that word. */
    void began(long[] columns, int i, ForwardingTable table, long word) {
        if (tracker != null) {
            tracker.began(columns, i, table, word);
        }
    }

    /** {@return the destination that Maglev gives a new flow, or {@link ForwardingTable#NO_DESTINATION}} */
    static int choice(long[] columns, int i, ForwardingTable table) {
        int[] slots = table.slots(Burst.vip(columns, i));
        return slots.length == 0
                ? NO_DESTINATION
                : slots[MaglevTable.slotOf(maglevHash(columns, i, table), slots.length)];
    }

    private static long maglevHash(long[] columns, int i, ForwardingTable table) {
        int vip = Burst.vip(columns, i);
        SourceMask mask = table.sourceMask(vip);
        if (mask == null) {
            return Burst.hash(columns, i);
        }
        long seed = table.vipSeeds()[vip];
        return Burst.verdict(columns, i) == Verdict.IPV4
                ? mask.hash(0, Burst.clientLow(columns, i) >>> Integer.SIZE, seed)
                : mask.hash(Burst.clientHigh(columns, i), Burst.clientLow(columns, i), seed);
    }
}
