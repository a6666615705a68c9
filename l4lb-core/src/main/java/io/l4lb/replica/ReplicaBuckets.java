package io.l4lb.replica;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.flow.FlowEventSink;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;

/**
 * One family's flows in the replica table: buckets of four entries, two buckets a flow, a new flow into the emptier one.
 * With five entries for two configured flows so few pairs of buckets overflow that nothing is ever moved (at the full configured
 * number none of half a million flows, five with four entries for two; a test counts them), and therefore no reader can miss an
 * entry that is on its way.
 *
 * <p>One writer, the journal thread. Readers, without locks: an entry is the reader's if its state word is the same before and after
 * the key was compared; a writer clears the state word before it changes a key. A claim stands in a column of its own,
 * which workers never read.
 *
 * <pre>
 * entry  key    8 (IPv4) or 24 bytes (IPv6), as in the worker's own table
 *        state  8 bytes, {@link FlowStateDescriptor}; for VIP and destination stand the numbers of {@link ReplicaNumbers}:
 *               VIP address and protocol, backend address; the destination's top bit: the claim is another node's
 * </pre>
 */
public abstract class ReplicaBuckets {
    /** Backends' numbers below this fit beside the bit for another node's claim. */
    public static final int BACKENDS_MAX = 1 << 19;

    static final int ENTRIES = 4;
    /** Of two IPv6 buckets and their claims. */
    static final int LINES_MAX = 6;

    private static final int LINE_BYTES = 64;
    private static final int ENTRIES_PER_2_FLOWS = 5;

    final int entryBytes;
    final int stateOffset;
    final int bucketCount;
    private final int bucketShift;
    private final int entryShift;
    private final long buckets;
    private final long claims;
    private final NativeMemory bucketMemory;
    private final NativeMemory claimMemory;
    private int touchedBuckets;
    private boolean isUsed;

    ReplicaBuckets(int flows, int entryBytes) {
        this.entryBytes = entryBytes;
        this.stateOffset = entryBytes - Long.BYTES;
        this.entryShift = Integer.numberOfTrailingZeros(entryBytes);
        this.bucketShift = entryShift + Integer.numberOfTrailingZeros(ENTRIES);
        this.bucketCount = Math.toIntExact((long) flows * ENTRIES_PER_2_FLOWS / (2 * ENTRIES) + 2);
        this.bucketMemory = NativeMemory.allocate((long) bucketCount << bucketShift, false);
        this.claimMemory = NativeMemory.allocate((long) bucketCount * ENTRIES * Long.BYTES, false);
        this.buckets = bucketMemory.address();
        this.claims = claimMemory.address();
    }

    /** {@return the number of a backend in a state word} */
    public static int backend(long state) {
        return FlowStateDescriptor.destination(state) & (BACKENDS_MAX - 1);
    }

    /** {@return whether another node than this one made the claim of that state word} */
    public static boolean isForeign(long state) {
        return (FlowStateDescriptor.destination(state) & BACKENDS_MAX) != 0;
    }

    /** {@return the address of a flow's first bucket} */
    public final long firstBucket(long hash) {
        return buckets + ((((hash & 0xffff_ffffL) * bucketCount) >>> 32) << bucketShift);
    }

    /** {@return the address of its other bucket, never the first} */
    public final long secondBucket(long hash) {
        long first = ((hash & 0xffff_ffffL) * bucketCount) >>> 32;
        long second = ((hash >>> 32) * bucketCount) >>> 32;
        if (second == first) {
            second = second + 1 == bucketCount ? 0 : second + 1;
        }
        return buckets + (second << bucketShift);
    }

    /** Appends to a list of addresses the cache lines that the writer looks at for a flow; {@return how many it then has} */
    final int addLines(long hash, long list, int count) {
        int lines = addBucket(firstBucket(hash), list, count);
        return addBucket(secondBucket(hash), list, lines);
    }

    private int addBucket(long bucket, long list, int count) {
        int lines = count;
        for (long offset = 0; offset < 1L << bucketShift; offset += LINE_BYTES) {
            Memory.putLong(list + ((long) lines++ << 3), bucket + offset);
        }
        Memory.putLong(list + ((long) lines++ << 3), claimAddress(bucket));
        return lines;
    }

    /** {@return the entry of that flow in either bucket, or 0} Writer. */
    final long entryOf(long first, long second, long high, long low, int ports, int vip) {
        for (long bucket = first; ; bucket = second) {
            for (long entry = bucket; entry < bucket + (1L << bucketShift); entry += entryBytes) {
                long state = state(entry);
                if (state != 0 && FlowStateDescriptor.vip(state) == vip && hasKey(entry, high, low, ports)) {
                    return entry;
                }
            }
            if (bucket == second) {
                return 0;
            }
        }
    }

    abstract boolean hasKey(long entry, long high, long low, int ports);

    abstract void putKey(long entry, long high, long low, int ports);

    /** Tells the sink of a flow if its entry still holds that state: what has changed is told by the journal. */
    abstract void tell(long entry, long state, int ageSeconds, FlowEventSink sink);

    abstract long hash(long high, long low, int ports, long vipSeed);

    final long state(long entry) {
        return Memory.getLong(entry + stateOffset);
    }

    final long claim(long entry) {
        return Memory.getLongAcquire(claimAddress(entry));
    }

    private long claimAddress(long entry) {
        return claims + ((entry - buckets) >>> entryShift << 3);
    }

    /**
     * {@return the entry that a new flow takes: a free one of the emptier bucket, else one that has expired, else the one least worth
     * keeping that is not proven; 0: all are} Writer.
     */
    final long place(long first, long second, int tick, FlowTimeouts timeouts) {
        long bucket = freeCount(second, tick, timeouts) > freeCount(first, tick, timeouts) ? second : first;
        long least = least(bucket, tick, timeouts);
        if (isFree(state(least), tick, timeouts)) {
            return least;
        }
        long other = least(bucket == first ? second : first, tick, timeouts);
        int worth = FlowStateDescriptor.worth(state(least), tick);
        int otherWorth = FlowStateDescriptor.worth(state(other), tick);
        if (FlowStateDescriptor.isProven(Math.min(worth, otherWorth))) {
            return 0;
        }
        return otherWorth < worth ? other : least;
    }

    static boolean isFree(long state, int tick, FlowTimeouts timeouts) {
        return state == 0 || timeouts.isExpired(state, tick);
    }

    /** {@return whether that is still the entry's state} Reader, after it has read the rest of the entry. */
    final boolean isStill(long entry, long state) {
        return Memory.getLongAcquire(entry + stateOffset) == state;
    }

    private int freeCount(long bucket, int tick, FlowTimeouts timeouts) {
        int free = 0;
        for (long entry = bucket; entry < bucket + (1L << bucketShift); entry += entryBytes) {
            free += isFree(state(entry), tick, timeouts) ? 1 : 0;
        }
        return free;
    }

    private long least(long bucket, int tick, FlowTimeouts timeouts) {
        long least = bucket;
        for (long entry = bucket; entry < bucket + (1L << bucketShift); entry += entryBytes) {
            long state = state(entry);
            if (isFree(state, tick, timeouts)) {
                return entry;
            }
            if (FlowStateDescriptor.worth(state, tick) < FlowStateDescriptor.worth(state(least), tick)) {
                least = entry;
            }
        }
        return least;
    }

    /** Writes a new flow over whatever the entry held. Writer. */
    final void put(long entry, long high, long low, int ports, long state, long claim) {
        isUsed = true;
        Memory.putLongRelease(entry + stateOffset, 0);
        putKey(entry, high, low, ports);
        Memory.putLongRelease(claimAddress(entry), claim);
        Memory.putLongRelease(entry + stateOffset, state);
    }

    /**
     * Changes what is known of the flow of that entry. The claim last: who scans meanwhile may tell the new backend under the old claim,
     * which loses to what follows; the old backend under the new claim would stay. Writer.
     */
    final void update(long entry, long state, long claim) {
        Memory.putLongRelease(entry + stateOffset, state);
        Memory.putLongRelease(claimAddress(entry), claim);
    }

    final void free(long entry) {
        Memory.putLongRelease(entry + stateOffset, 0);
    }

    /**
     * Has the kernel give the memory of the next buckets, a huge page of them, once the family has flows: a new flow that had to wait
     * for that would hold up a thousand others ({@code docs/design/16-replication-speed.md}); {@return whether there was something to
     * do} Writer.
     */
    final boolean touch() {
        if (!isUsed || touchedBuckets == bucketCount) {
            return false;
        }
        int next = (int) Math.min(bucketCount, touchedBuckets + (NativeMemory.HUGE_PAGE_BYTES >> bucketShift));
        for (int bucket = touchedBuckets; bucket < next; bucket += (int) (NativeMemory.PAGE_BYTES >> bucketShift)) {
            long entry = buckets + ((long) bucket << bucketShift);
            // as it is: nobody else writes
            Memory.putLongOpaque(entry + stateOffset, state(entry));
            Memory.putLongOpaque(claimAddress(entry), Memory.getLong(claimAddress(entry)));
        }
        touchedBuckets = next;
        return true;
    }

    /** Tells the live flows of some buckets, read while the writer goes on. Any thread. */
    final void scan(int fromBucket, int count, int tick, FlowTimeouts timeouts, FlowEventSink sink) {
        long end = buckets + ((long) Math.min(bucketCount, fromBucket + count) << bucketShift);
        for (long entry = buckets + ((long) fromBucket << bucketShift); entry < end; entry += entryBytes) {
            long state = Memory.getLongAcquire(entry + stateOffset);
            if (!isFree(state, tick, timeouts)) {
                int ageTicks = FlowStateDescriptor.age(state, tick);
                tell(entry, state, (int) FlowStateDescriptor.seconds(ageTicks), sink);
            }
        }
    }

    /** Frees the expired flows of some buckets; {@return how many} Writer. */
    final int sweep(int fromBucket, int count, int tick, FlowTimeouts timeouts) {
        if (!isUsed) {
            return 0; // reading would map pages of zeroes, each to be replaced by the first write to it
        }
        int freed = 0;
        long end = buckets + ((long) Math.min(bucketCount, fromBucket + count) << bucketShift);
        for (long entry = buckets + ((long) fromBucket << bucketShift); entry < end; entry += entryBytes) {
            long state = state(entry);
            if (state != 0 && timeouts.isExpired(state, tick)) {
                free(entry);
                freed++;
            }
        }
        return freed;
    }

    final void close() {
        bucketMemory.close();
        claimMemory.close();
    }
}
