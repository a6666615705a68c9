package io.l4lb.pin;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;

/**
 * A worker's exact flow table: fixed native memory, buckets of one 64-byte cache line, two buckets a flow.
 *
 * <p>A flow lies in the first of its two buckets that had a free entry. When both are full, entries are moved to their
 * own other bucket (cuckoo hashing, Pagh and Rodler 2001; {@link RoomSearch}); only when that fails is a flow evicted: the one
 * least worth keeping of the two buckets, and only if it is not proven ({@code docs/design/20-under-attack.md}). With 15 entries for 8 configured flows the load stays at 8/15, far below where
 * such tables fail (0.97 for four entries a bucket, 0.89 for two; Fountoulakis et al. 2013), so up to its configured
 * number no live flow is evicted. Beyond it a flow that finds only proven ones in its buckets is forwarded without a pin. Expired flows that no sweep has met yet count as free wherever a search meets them.
 * Memory: 30 bytes a flow for IPv4 and 60 for IPv6. Owned by one worker; no locks; nothing allocated after construction.
 *
 * <p>Which entry a new flow takes is found in one pass over both buckets without a branch, for it cannot be predicted: each
 * entry becomes a candidate (an int), and the least of them is it.
 *
 * <pre>
 * candidate  bit 29..3  {@link FlowStateDescriptor#worth}, lowest for a free entry
 *                 2     0: first bucket, 1: second
 *                 1..0  entry in the bucket
 * </pre>
 */
abstract class FlowTable {
    static final int BUCKET_BYTES = 64;
    static final int BUCKET_SHIFT = 6;
    private static final int SECOND_BUCKET_SHIFT = 2;
    static final int SECOND_BUCKET = 1 << SECOND_BUCKET_SHIFT;
    private static final int WORTH_SHIFT = 3;
    private static final int ENTRY_MASK = SECOND_BUCKET - 1;
    private static final int ENTRIES_PER_8_FLOWS = 15;

    final long buckets;
    final int bucketCount;
    final int entryBytes;
    private final NativeMemory memory;
    private final int stateOffset;
    private int youngTicks;
    private FlowTimeouts timeouts;
    private final FlowTableStatistics statistics;
    private final RoomSearch roomSearch = new RoomSearch(this);
    private int claimsToNextSearch;
    private boolean populated;
    private int sweepBucket;
    private int flowCount;

    FlowTable(int flows, int entryBytes, boolean populate, FlowTimeouts timeouts, FlowTableStatistics statistics) {
        int entriesPerBucket = BUCKET_BYTES / entryBytes;
        this.entryBytes = entryBytes;
        this.stateOffset = entryBytes - Long.BYTES;
        this.statistics = statistics;
        this.bucketCount = Math.toIntExact((long) flows * ENTRIES_PER_8_FLOWS / 8 / entriesPerBucket + 1);
        this.memory = NativeMemory.allocate((long) bucketCount << BUCKET_SHIFT, populate);
        this.populated = populate;
        this.buckets = memory.address();
        use(timeouts);
    }

    /** Goes by other idle times from now on. */
    final void use(FlowTimeouts next) {
        timeouts = next;
        youngTicks = next.youngTicks();
    }

    final void populate() {
        if (!populated) {
            populated = true;
            for (long offset = 0; offset < (long) bucketCount << BUCKET_SHIFT; offset += NativeMemory.PAGE_BYTES) {
                Memory.putByte(buckets + offset, (byte) 0);
            }
        }
    }

    final void close() {
        memory.close();
    }

    /** {@return the address of the bucket where a flow with that hash is looked for first} */
    final long firstBucket(long hash) {
        return buckets + ((((hash & 0xffff_ffffL) * bucketCount) >>> 32) << BUCKET_SHIFT);
    }

    /** {@return the address of the other bucket of a flow with that hash; the first one only in a table of one bucket} */
    final long secondBucket(long hash) {
        long second = ((hash >>> 32) * bucketCount) >>> 32;
        if (second != ((hash & 0xffff_ffffL) * bucketCount) >>> 32) {
            return buckets + (second << BUCKET_SHIFT);
        }
        return buckets + ((second + 1 == bucketCount ? 0 : second + 1) << BUCKET_SHIFT);
    }

    /** {@return the hash of the flow in that entry, recomputed from its key} */
    abstract long hashOf(long entry, long[] vipSeeds);

    /** {@return how many flows are in this table, idle ones included until they are swept} */
    final int flowCount() {
        return flowCount;
    }

    /**
     * {@return the candidate that is made of an entry}
     *
     * @param index {@link #SECOND_BUCKET} or 0, and the entry in the bucket
     */
    static int candidate(long word, int index, int tick) {
        return FlowStateDescriptor.worth(word, tick) << WORTH_SHIFT | index;
    }

    /** {@return the address of a candidate's entry} */
    private long entryOf(int candidate, long first, long second) {
        long isSecond = -(long) (candidate >> SECOND_BUCKET_SHIFT & 1);
        return (first ^ ((first ^ second) & isSecond)) + (long) (candidate & ENTRY_MASK) * entryBytes;
    }

    /**
     * {@return the address of an entry to write a new flow into, its old content accounted for; 0 when every entry that
     * could be taken is a proven flow's}
     *
     * @param least of the candidates of both buckets
     * @param youth of both buckets' entries
     */
    final long claim(int least, int youth, long first, long second, int tick, long[] vipSeeds) {
        // all of it before the branches: C2 does not inline what is called behind one that was rare while a table
        // filled
        int worth = least >>> WORTH_SHIFT;
        long entry = entryOf(least, first, second);
        boolean young = FlowStateDescriptor.areYoung(youth, youngTicks);
        boolean proven = FlowStateDescriptor.isProven(worth);
        if (worth < FlowStateDescriptor.WORTH_OF_LIVE) {
            flowCount++;
            return entry;
        }
        if (!young || --claimsToNextSearch < 0) {
            long free = makeRoom(first, second, young, tick, vipSeeds);
            if (free != 0) {
                flowCount++;
                return free;
            }
        }
        if (proven) {
            statistics.unpinned++; // whatever is known of the newcomer: one that a peer has proven is found there again
            return 0;
        }
        statistics.evictions++;
        return entry;
    }

    /** {@return whether both buckets of a flow with that hash hold nothing but proven flows that live}; for slow paths */
    final boolean isAllProven(long hash, int tick) {
        return isAllProvenIn(firstBucket(hash), tick) && isAllProvenIn(secondBucket(hash), tick);
    }

    private boolean isAllProvenIn(long bucket, int tick) {
        for (long entry = bucket; entry < bucket + BUCKET_BYTES; entry += entryBytes) {
            long word = Memory.getLong(entry + stateOffset);
            if (word == 0
                    || timeouts.isExpired(word, tick)
                    || !FlowStateDescriptor.isProven(FlowStateDescriptor.worth(word, tick))) {
                return false;
            }
        }
        return true;
    }

    /** {@return an entry of either bucket whose flow has expired, or was moved away, or 0}; in a flood rarely called */
    private long makeRoom(long first, long second, boolean young, int tick, long[] vipSeeds) {
        long entry = young ? 0 : freeEntry(first, tick);
        if (entry == 0 && !young) {
            entry = freeEntry(second, tick);
            claimsToNextSearch -= entry == 0 ? 1 : 0;
        }
        if (entry == 0 && claimsToNextSearch < 0) {
            entry = roomSearch.makeRoom(first, second, tick, vipSeeds);
            claimsToNextSearch = roomSearch.pause();
        }
        return entry;
    }

    /** {@return a free entry of that bucket, an expired one freed for it if need be, or 0} */
    final long freeEntry(long bucket, int tick) {
        for (long entry = bucket; entry < bucket + BUCKET_BYTES; entry += entryBytes) {
            long word = Memory.getLong(entry + stateOffset);
            if (word == 0) {
                return entry;
            }
            if (timeouts.isExpired(word, tick)) {
                free(entry);
                statistics.expirations++;
                return entry;
            }
        }
        return 0;
    }

    final void move(long from, long to) {
        for (int offset = 0; offset < entryBytes; offset += Long.BYTES) {
            Memory.putLong(to + offset, Memory.getLong(from + offset));
        }
        statistics.moves++;
    }

    final long otherBucket(long bucket, long hash) {
        long first = firstBucket(hash);
        return first == bucket ? secondBucket(hash) : first;
    }

    final long bucketAddress(int index) {
        return buckets + ((long) index << BUCKET_SHIFT);
    }

    final int bucketIndex(long address) {
        return (int) ((address - buckets) >>> BUCKET_SHIFT);
    }

    /** The key goes too: a look-up adds up all entries with its key. */
    private void free(long entry) {
        Memory.putLong(entry, 0);
        Memory.putLong(entry + stateOffset, 0);
        flowCount--;
    }

    final int stateOffset() {
        return stateOffset;
    }

    final boolean isLive(long word, int tick) {
        return !timeouts.isExpired(word, tick);
    }

    /** {@return how many buckets there are to look into: none while no VIP is of this family} */
    final int usedBuckets() {
        return populated ? bucketCount : 0;
    }

    /** Adds the live flows of a bucket to the count of their code. */
    final void count(int index, int tick, long[] byCode) {
        long bucket = bucketAddress(index);
        for (long entry = bucket; entry < bucket + BUCKET_BYTES; entry += entryBytes) {
            long word = Memory.getLong(entry + stateOffset);
            if (word != 0 && isLive(word, tick)) {
                byCode[FlowStateDescriptor.code(word)]++;
            }
        }
    }

    /** Frees the expired flows of the next {@code count} buckets, going round the table. */
    final void sweep(int count, int tick) {
        for (int i = 0; i < count; i++) {
            long bucket = bucketAddress(sweepBucket);
            for (long entry = bucket; entry < bucket + BUCKET_BYTES; entry += entryBytes) {
                long word = Memory.getLong(entry + stateOffset);
                if (word != 0 && timeouts.isExpired(word, tick)) {
                    free(entry);
                    statistics.expirations++;
                }
            }
            sweepBucket = sweepBucket + 1 == bucketCount ? 0 : sweepBucket + 1;
        }
    }
}
