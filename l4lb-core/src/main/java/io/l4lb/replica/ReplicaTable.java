package io.l4lb.replica;

import io.l4lb.dpdk.NativeMemory;
import io.l4lb.dpdk.Prefetch;
import io.l4lb.flow.FlowEventSink;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.track.FlowChange;
import java.util.concurrent.atomic.AtomicLong;

/**
 * All tracked flows of the cluster as this node knows them, its own too. One writer, the journal thread; workers and senders
 * read through {@link Ipv4Replicas} and {@link Ipv6Replicas} without locks. Fixed memory, that of a family touched when it has
 * its first flow: 60 bytes for each configured flow if all are IPv4, 100 if all are IPv6. When both buckets of a flow are full, the one least
 * worth keeping goes, but none that is proven: if all are, the new one is not kept.
 */
public final class ReplicaTable implements AutoCloseable {
    /** How many flows {@link #expect} takes before {@link #fetch}. */
    public static final int EXPECTED_MAX = 32;

    private static final long NOTHING = 0;

    private final Ipv4Replicas ipv4;
    private final Ipv6Replicas ipv6;
    private final ReplicaNumbers numbers;
    private volatile FlowTimeouts timeouts;
    private final int ownNode;
    private final AtomicLong flows = new AtomicLong();
    private final AtomicLong evictions = new AtomicLong();
    private final AtomicLong refusals = new AtomicLong();
    private final AtomicLong expirations = new AtomicLong();
    private final NativeMemory memory =
            NativeMemory.allocate((long) EXPECTED_MAX * ReplicaBuckets.LINES_MAX * Long.BYTES, true);
    private final long lines = memory.address();
    private int lineCount;
    private int sweepBucket;
    private int code;

    /**
     * @param flows of each family, that it holds without evicting one
     * @param timeouts idle times, lengthened by what a refresh may be late
     * @param ownNode this node's number
     */
    public ReplicaTable(int flows, FlowTimeouts timeouts, ReplicaNumbers numbers, int ownNode) {
        this.ipv4 = new Ipv4Replicas(flows);
        this.ipv6 = new Ipv6Replicas(flows);
        this.timeouts = timeouts;
        this.numbers = numbers;
        this.ownNode = ownNode;
    }

    public Ipv4Replicas ipv4() {
        return ipv4;
    }

    public Ipv6Replicas ipv6() {
        return ipv6;
    }

    /** {@return idle times of flows in this table} */
    public FlowTimeouts timeouts() {
        return timeouts;
    }

    /** Goes by other idle times from now on: lengthened by what a refresh may be late. Any thread. */
    public void use(FlowTimeouts next) {
        timeouts = next;
    }

    /** {@return live flows, idle ones included until they are swept} Any thread. */
    public long flows() {
        return flows.getOpaque();
    }

    /** {@return live flows that had to go for another since the start} Any thread. */
    public long evictions() {
        return evictions.getOpaque();
    }

    /** {@return new flows that were not kept, as both their buckets were full of proven ones} Any thread. */
    public long refusals() {
        return refusals.getOpaque();
    }

    /** {@return flows freed because nobody had refreshed them in time} Any thread. */
    public long expirations() {
        return expirations.getOpaque();
    }

    /** Notes that {@link #merge} or {@link #own} will be called for that flow. Writer. */
    public void expect(boolean ipv6, long clientHigh, long clientLow, int ports, int vip) {
        ReplicaBuckets buckets = ipv6 ? this.ipv6 : ipv4;
        if (lineCount > (EXPECTED_MAX - 1) * ReplicaBuckets.LINES_MAX) {
            return; // more than are asked for: only slower
        }
        long hash = buckets.hash(clientHigh, clientLow, ports, numbers.vipSeed(vip));
        lineCount = buckets.addLines(hash, lines, lineCount);
    }

    /**
     * Brings the cache lines near of all flows noted since the last call. One after the other each flow costs three to four misses;
     * {@code docs/design/16-replication-speed.md} has what it saves to have those of several overlap. Writer.
     */
    public void fetch() {
        Prefetch.lines(lines, lineCount);
        lineCount = 0;
    }

    /**
     * Joins what a batch says of a flow with what is known. Writer.
     *
     * @param ipv6 the flow's family; IPv4: {@code clientLow} is client address and L4 ports, the other two 0
     * @param claim {@link ClaimDescriptor}, its node as numbered here
     * @param tick now
     * @param ageTicks how long ago a packet of the flow was seen
     */
    public void merge(
            boolean ipv6,
            long clientHigh,
            long clientLow,
            int ports,
            int vip,
            int backend,
            int code,
            long claim,
            int tick,
            int ageTicks) {
        ReplicaBuckets buckets = ipv6 ? this.ipv6 : ipv4;
        long hash = buckets.hash(clientHigh, clientLow, ports, numbers.vipSeed(vip));
        long first = buckets.firstBucket(hash);
        long second = buckets.secondBucket(hash);
        long entry = buckets.entryOf(first, second, clientHigh, clientLow, ports, vip);
        long state = word(vip, backend, code, claim, tick - ageTicks);
        if (timeouts.isExpired(state, tick)) {
            return;
        }
        if (entry == 0) {
            put(
                    buckets,
                    buckets.place(first, second, tick, timeouts),
                    clientHigh,
                    clientLow,
                    ports,
                    state,
                    claim,
                    tick);
            return;
        }
        long knownState = buckets.state(entry);
        long known = buckets.claim(entry);
        if (known == claim) {
            buckets.update(entry, later(knownState, state, tick), claim);
        } else if (timeouts.isExpired(knownState, tick)) {
            buckets.update(entry, state, claim);
        } else if (ClaimDescriptor.beats(claim, known, numbers)) {
            buckets.update(entry, seenAlso(state, knownState, tick), claim);
        } else {
            buckets.update(entry, seenAlso(knownState, state, tick), known);
        }
    }

    /** {@return the state of the claim that holds}: kept alive by packets that were seen under another claim to the same backend */
    private static long seenAlso(long holds, long other, int tick) {
        boolean isYounger = FlowStateDescriptor.age(other, tick) < FlowStateDescriptor.age(holds, tick);
        return isYounger && ReplicaBuckets.backend(holds) == ReplicaBuckets.backend(other)
                ? FlowStateDescriptor.seen(holds, other)
                : holds;
    }

    /** {@return the join of two states of one claim}: of both the later time, and closing rather than established */
    private static long later(long known, long told, int tick) {
        long younger = FlowStateDescriptor.age(known, tick) <= FlowStateDescriptor.age(told, tick) ? known : told;
        int code = FlowStateDescriptor.furtherCode(FlowStateDescriptor.code(known), FlowStateDescriptor.code(told));
        return FlowStateDescriptor.withCode(younger, code);
    }

    /**
     * Takes in what a worker of this node says of a flow. Writer.
     *
     * @param kind {@link FlowChange}
     * @param told the worker's state word, with this table's numbers
     * @param lamport time of the batch that will tell of it
     * @return the flow's claim, to be journaled with {@link #code()}; 0: nothing to tell
     */
    public long own(
            int kind, boolean ipv6, long clientHigh, long clientLow, int ports, long told, long lamport, int tick) {
        int vip = FlowStateDescriptor.vip(told);
        ReplicaBuckets buckets = ipv6 ? this.ipv6 : ipv4;
        long hash = buckets.hash(clientHigh, clientLow, ports, numbers.vipSeed(vip));
        long first = buckets.firstBucket(hash);
        long second = buckets.secondBucket(hash);
        long entry = buckets.entryOf(first, second, clientHigh, clientLow, ports, vip);
        if (entry != 0 && timeouts.isExpired(buckets.state(entry), tick)) {
            buckets.free(entry);
            add(flows, -1);
            entry = 0;
        }
        return entry == 0
                ? ownNew(buckets, first, second, kind, clientHigh, clientLow, ports, told, lamport, tick)
                : ownKnown(buckets, entry, kind, told, lamport, tick);
    }

    private long ownNew(
            ReplicaBuckets buckets,
            long first,
            long second,
            int kind,
            long clientHigh,
            long clientLow,
            int ports,
            long told,
            long lamport,
            int tick) {
        if (kind == FlowChange.CLOSE) {
            return NOTHING; // nobody else knows it either
        }
        long claim = ClaimDescriptor.of(isProof(kind), lamport, ownNode);
        long entry = buckets.place(first, second, tick, timeouts);
        code = FlowStateDescriptor.code(told);
        return put(buckets, entry, clientHigh, clientLow, ports, told, claim, tick) ? claim : NOTHING;
    }

    /** {@return whether the node saw the flow begin, or chose its backend} */
    private static boolean isProof(int kind) {
        return kind == FlowChange.PIN || kind == FlowChange.PIN_ANEW || kind == FlowChange.REPIN;
    }

    private long ownKnown(ReplicaBuckets buckets, long entry, int kind, long told, long lamport, int tick) {
        long known = buckets.state(entry);
        long claim = buckets.claim(entry);
        boolean same = ReplicaBuckets.backend(known) == ReplicaBuckets.backend(told);
        boolean closed = FlowStateDescriptor.state(known) == FlowStateDescriptor.CLOSING;
        boolean begins = isProof(kind) || kind == FlowChange.PIN_GUESSED;
        if (same && !(begins && closed) && kind != FlowChange.PIN_ANEW) {
            long next = later(known, FlowStateDescriptor.repinned(told, FlowStateDescriptor.destination(known)), tick);
            code = FlowStateDescriptor.code(next);
            buckets.update(entry, next, claim);
            return claim;
        }
        if (!begins && ReplicaBuckets.isForeign(known)) {
            return NOTHING; // the worker will see that claim when it looks here next
        }
        boolean proven = isProof(kind)
                || (kind != FlowChange.PIN_GUESSED && ClaimDescriptor.isProven(claim)); // a pin that the ring refused
        if (!proven && ClaimDescriptor.isProven(claim) && !closed) {
            return NOTHING; // a guess against what is known to be so
        }
        // What takes a closed claim's place has to win at the other nodes too, and there a guess would lose to what was
        // proven.
        long next = ClaimDescriptor.of(proven || ClaimDescriptor.isProven(claim), lamport, ownNode);
        code = FlowStateDescriptor.code(told);
        buckets.update(entry, told, next);
        return next;
    }

    /** {@return the code of the flow that {@link #own} was last called for, to be journaled with its claim} */
    public int code() {
        return code;
    }

    /** {@return whether it is kept} */
    private boolean put(
            ReplicaBuckets buckets,
            long entry,
            long clientHigh,
            long clientLow,
            int ports,
            long state,
            long claim,
            int tick) {
        if (entry == 0) {
            add(refusals, 1);
            return false;
        }
        long old = buckets.state(entry);
        if (old == 0) {
            add(flows, 1);
        } else if (timeouts.isExpired(old, tick)) {
            add(expirations, 1);
        } else {
            add(evictions, 1);
        }
        buckets.put(entry, clientHigh, clientLow, ports, state, claim);
        return true;
    }

    /** There is one writer. */
    private static void add(AtomicLong count, long change) {
        count.setOpaque(count.getPlain() + change);
    }

    private long word(int vip, int backend, int code, long claim, int tick) {
        int foreign = ClaimDescriptor.node(claim) == ownNode ? 0 : ReplicaBuckets.BACKENDS_MAX;
        return FlowStateDescriptor.word(vip, backend | foreign, code, tick);
    }

    /** {@return how many buckets each family has} For {@link #scan}. */
    public int bucketCount() {
        return ipv4.bucketCount;
    }

    /** Tells the live flows of some buckets of both families, while the writer goes on. Any thread. */
    public void scan(int fromBucket, int count, int tick, FlowEventSink sink) {
        ipv4.scan(fromBucket, count, tick, timeouts, sink);
        ipv6.scan(fromBucket, count, tick, timeouts, sink);
    }

    /** Has the kernel give some of the memory that is going to be needed; {@return whether there was something to do} Writer. */
    public boolean touch() {
        return ipv4.touch() || ipv6.touch();
    }

    /** Frees the expired flows of the next {@code count} buckets, going round. Writer. */
    public void sweep(int count, int tick) {
        int freed = ipv4.sweep(sweepBucket, count, tick, timeouts) + ipv6.sweep(sweepBucket, count, tick, timeouts);
        add(flows, -freed);
        add(expirations, freed);
        sweepBucket = sweepBucket + count >= bucketCount() ? 0 : sweepBucket + count;
    }

    /** Frees the memory; nobody may read it any more. */
    @Override
    public void close() {
        ipv4.close();
        ipv6.close();
        memory.close();
    }
}
