package io.l4lb.pin;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.dpdk.Prefetch;
import io.l4lb.flow.FlowEvent;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.net.Track;
import io.l4lb.replica.Ipv4Replicas;
import io.l4lb.replica.Ipv6Replicas;
import io.l4lb.replica.ReplicaBuckets;
import io.l4lb.replica.ReplicaTable;
import io.l4lb.track.FlowChange;
import io.l4lb.track.FlowChangeRing;

/**
 * A worker's two ends of replication: what it says of its flows, and where it looks for flows of others. Worker thread;
 * off the path of a settled flow's packet. {@code docs/design/15-replication.md} says what is told when.
 */
public final class FlowTracker {
    /** 2.1 s: a client that was silent for longer may have been at another node, and have another connection by now. */
    private static final int STALE_TICKS = 8;

    /** An IPv6 bucket has two cache lines. */
    private static final int LINES_PER_PACKET_MAX = 4;

    private static final int NONE = Track.NONE.ordinal();
    private static final int ALL = Track.ALL.ordinal();

    private final FlowChangeRing ring;
    private final Ipv4Replicas ipv4;
    private final Ipv6Replicas ipv6;
    private final ReplicaTable replicas;
    private final int[] refreshShifts = new int[FlowStateDescriptor.CODES];
    private final NativeMemory memory =
            NativeMemory.allocate((long) Burst.CAPACITY * LINES_PER_PACKET_MAX * Long.BYTES, true);
    private final long lines = memory.address();

    /** @param timeouts the worker's own */
    public FlowTracker(FlowChangeRing ring, ReplicaTable replicas, FlowTimeouts timeouts) {
        this.ring = ring;
        this.ipv4 = replicas.ipv4();
        this.ipv6 = replicas.ipv6();
        this.replicas = replicas;
        for (int code = 0; code < refreshShifts.length; code++) {
            refreshShifts[code] = timeouts.refreshShift(code);
        }
    }

    void close() {
        memory.close();
    }

    /** Once a burst. */
    void publish() {
        ring.publish();
    }

    /** {@return changes that found the ring full} */
    long refused() {
        return ring.refused();
    }

    /** Brings the buckets of the packets near that {@link #known} is going to be called for. */
    void prefetch(long[] columns, long packets) {
        int count = 0;
        for (long left = packets; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            long hash = Burst.hash(columns, i);
            if (Burst.verdict(columns, i) == Verdict.IPV4) {
                Burst.entry(lines, count++, ipv4.firstBucket(hash));
                Burst.entry(lines, count++, ipv4.secondBucket(hash));
            } else {
                long first = ipv6.firstBucket(hash);
                long second = ipv6.secondBucket(hash);
                Burst.entry(lines, count++, first);
                Burst.entry(lines, count++, first + Ipv6Replicas.SECOND_LINE_OFFSET);
                Burst.entry(lines, count++, second);
                Burst.entry(lines, count++, second + Ipv6Replicas.SECOND_LINE_OFFSET);
            }
        }
        Prefetch.lines(lines, count);
    }

    /** {@return what the cluster knows of the packet's flow, a state word of the replica table; 0: nothing, or no more} */
    long known(long[] columns, int i, ForwardingTable table, int tick) {
        int vip = table.vipAddressOf(Burst.vip(columns, i));
        long hash = Burst.hash(columns, i);
        long state = Burst.verdict(columns, i) == Verdict.IPV4
                ? Ipv4Replicas.find(ipv4.firstBucket(hash), ipv4.secondBucket(hash), Burst.clientLow(columns, i), vip)
                : Ipv6Replicas.find(
                        ipv6.firstBucket(hash),
                        ipv6.secondBucket(hash),
                        Burst.clientHigh(columns, i),
                        Burst.clientLow(columns, i),
                        Burst.ports(columns, i),
                        vip);
        if (state == 0 || replicas.timeouts().isExpired(state, tick)) {
            return 0;
        }
        boolean reopened = Burst.event(columns, i) == FlowEvent.OPEN
                && FlowStateDescriptor.state(state) == FlowStateDescriptor.CLOSING;
        return reopened ? 0 : state;
    }

    /** {@return whether the flow was silent for so long that it may have been elsewhere} */
    static boolean isStale(long word, int tick) {
        return FlowStateDescriptor.age(word, tick) > STALE_TICKS;
    }

    /** {@return whether the cluster's view of the flow is to be looked at: it may have been elsewhere, or is to be refreshed} */
    boolean isToBeChecked(long word, int tick, long hash) {
        return isStale(word, tick) || isRefreshDue(word, tick, hash);
    }

    /** Boundaries of the interval lie elsewhere for each flow, so that refreshes come evenly. */
    private boolean isRefreshDue(long word, int tick, long hash) {
        int shift = refreshShifts[FlowStateDescriptor.code(word)];
        int phase = (int) hash;
        return FlowStateDescriptor.tick((int) word + phase) >>> shift
                != FlowStateDescriptor.tick(tick + phase) >>> shift;
    }

    /** A flow's first packet was pinned. */
    void began(long[] columns, int i, ForwardingTable table, long word) {
        if (table.track(FlowStateDescriptor.vip(word)) == ALL) {
            boolean isGuess = Burst.event(columns, i) != FlowEvent.OPEN;
            tell(columns, i, table, word, isGuess ? FlowChange.PIN_GUESSED : FlowChange.PIN);
        }
    }

    /** A flow has another backend, its own being down or gone. */
    void repinned(long[] columns, int i, ForwardingTable table, long word) {
        if (isTracked(table, word)) {
            tell(columns, i, table, word, FlowChange.REPIN);
        }
    }

    /** A packet of a known flow came and has changed its state word. */
    void wentOn(long[] columns, int i, ForwardingTable table, long before, long after, int tick) {
        if (!isTracked(table, after)) {
            return;
        }
        int was = FlowStateDescriptor.state(before);
        int is = FlowStateDescriptor.state(after);
        if (was == is) {
            if (isRefreshDue(before, tick, Burst.hash(columns, i))) {
                tell(columns, i, table, after, FlowChange.REFRESH);
            }
        } else if (is == FlowStateDescriptor.CLOSING) {
            tell(columns, i, table, after, FlowChange.CLOSE);
        } else if (is == FlowStateDescriptor.ESTABLISHED) {
            tell(columns, i, table, after, pinAfter(was));
        }
    }

    private static int pinAfter(int state) {
        return switch (state) {
            case FlowStateDescriptor.UNPROVEN -> FlowChange.PIN_GUESSED;
            case FlowStateDescriptor.REOPENED -> FlowChange.PIN_ANEW;
            default -> FlowChange.PIN;
        };
    }

    private static boolean isTracked(ForwardingTable table, long word) {
        int track = table.track(FlowStateDescriptor.vip(word));
        return track == ALL || (track != NONE && FlowStateDescriptor.state(word) >= FlowStateDescriptor.CLOSING);
    }

    private void tell(long[] columns, int i, ForwardingTable table, long word, int kind) {
        int vip = table.vipAddressOf(FlowStateDescriptor.vip(word));
        int backend = table.backendOf(FlowStateDescriptor.destination(word));
        if (vip <= 0 || backend < 0 || backend >= ReplicaBuckets.BACKENDS_MAX) {
            return; // more than there are numbers for; whoever gave none has said so
        }
        boolean isReopened = FlowStateDescriptor.state(word) == FlowStateDescriptor.REOPENED;
        int code = isReopened ? FlowStateDescriptor.ESTABLISHED : FlowStateDescriptor.code(word);
        long state = FlowStateDescriptor.word(vip, backend, code, (int) word);
        if (Burst.verdict(columns, i) == Verdict.IPV4) {
            ring.offer(0, Burst.clientLow(columns, i), state, 0, kind, false);
        } else {
            ring.offer(
                    Burst.clientHigh(columns, i),
                    Burst.clientLow(columns, i),
                    state,
                    Burst.ports(columns, i),
                    kind,
                    true);
        }
    }
}
