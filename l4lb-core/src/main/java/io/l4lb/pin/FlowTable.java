package io.l4lb.pin;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;

/**
 * A worker's exact flow table: fixed native memory, buckets of one 64-byte cache line, two buckets a flow.
 *
 * <p>A flow lies in the first of its two buckets that had a free entry. When both are full, entries are moved to their
 * own other bucket (cuckoo hashing, Pagh and Rodler 2001, with a breadth-first search for the shortest chain) within
 * {@value #SEARCH_BUCKETS} buckets; only when that fails is a flow evicted: the one least worth keeping of the two
 * buckets. With 15 entries for 8 configured flows the load stays at 8/15, far below where such tables fail (0.97 for
 * four entries a bucket, 0.89 for two; Fountoulakis et al. 2013), so up to its configured number no live flow is evicted.
 * Beyond it a flow of which only SYNs are known never displaces a better one: it is forwarded without a pin. Expired
 * flows that no sweep has met yet count as free wherever a search meets them.
 * Memory: 30 bytes a flow for IPv4 and 60 for IPv6. Owned by one worker; no locks; nothing allocated after construction.
 */
abstract class FlowTable {
    static final int BUCKET_BYTES = 64;
    static final int BUCKET_SHIFT = 6;
    private static final int ENTRIES_PER_8_FLOWS = 15;
    /** Buckets whose entries are tried in a search for a chain of moves: bounds it to 256 cache misses at the worst. */
    private static final int SEARCH_BUCKETS = 64;

    /**
     * New flows that are not searched for after failed searches, at the most: each failure doubles the pause, a success ends
     * it. In an over-full table searches are long and fail; so a flood buys 256 cache misses once in a thousand packets.
     */
    private static final int SEARCH_PAUSE_MAX = 1023;

    private static final int NO_PARENT = -1;

    final long buckets;
    final int bucketCount;
    private final NativeMemory memory;
    private final int entryBytes;
    private final int stateOffset;
    private final FlowTimeouts timeouts;
    private final FlowTableStatistics statistics;

    private final int[] searchBucket = new int[SEARCH_BUCKETS];
    private final int[] searchParent = new int[SEARCH_BUCKETS];
    private final int[] searchParentEntry = new int[SEARCH_BUCKETS];
    private int searchCount;
    private int searchPause;
    private int claimsToNextSearch;
    private boolean populated;
    private int sweepBucket;
    private int flowCount;

    FlowTable(int flows, int entryBytes, boolean populate, FlowTimeouts timeouts, FlowTableStatistics statistics) {
        int entriesPerBucket = BUCKET_BYTES / entryBytes;
        this.entryBytes = entryBytes;
        this.stateOffset = entryBytes - Long.BYTES;
        this.timeouts = timeouts;
        this.statistics = statistics;
        this.bucketCount = Math.toIntExact((long) flows * ENTRIES_PER_8_FLOWS / 8 / entriesPerBucket + 1);
        this.memory = NativeMemory.allocate((long) bucketCount << BUCKET_SHIFT, populate);
        this.populated = populate;
        this.buckets = memory.address();
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

    /** {@return the address of the other bucket of a flow with that hash; never the first one} */
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
     * {@return the address of an entry to write a new flow into, its old content accounted for; 0 when every entry that
     * could be taken is worth more than the new flow}
     *
     * @param word state of the new flow
     */
    final long claim(long hash, long word, int tick, long[] vipSeeds) {
        long first = firstBucket(hash);
        long second = secondBucket(hash);
        long entry = freeEntry(first, tick);
        if (entry == 0) {
            entry = freeEntry(second, tick);
        }
        if (entry == 0 && claimsToNextSearch-- <= 0) {
            entry = makeRoom(first, second, tick, vipSeeds);
            searchPause = entry != 0 ? 0 : Math.min(2 * searchPause + 1, SEARCH_PAUSE_MAX);
            claimsToNextSearch = searchPause;
        }
        if (entry == 0) {
            entry = evict(first, second, word, tick);
        }
        flowCount += entry == 0 ? 0 : 1;
        return entry;
    }

    private long evict(long first, long second, long word, int tick) {
        long least = leastWorth(first, second, tick);
        boolean onlySyns = FlowStateDescriptor.state(word) == FlowStateDescriptor.HALF_OPEN;
        if (onlySyns
                && FlowStateDescriptor.state(Memory.getLong(least + stateOffset)) > FlowStateDescriptor.HALF_OPEN) {
            statistics.unpinned++; // the newcomer is the one least worth keeping
            return 0;
        }
        statistics.evictions++;
        flowCount--;
        return least;
    }

    /** {@return a free entry of that bucket, an expired one freed for it if need be, or 0} */
    private long freeEntry(long bucket, int tick) {
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

    private long leastWorth(long first, long second, int tick) {
        long least = first;
        for (long entry = first; entry < first + BUCKET_BYTES; entry += entryBytes) {
            least = lessWorth(entry, least, tick);
        }
        for (long entry = second; entry < second + BUCKET_BYTES; entry += entryBytes) {
            least = lessWorth(entry, least, tick);
        }
        return least;
    }

    private long lessWorth(long a, long b, int tick) {
        return FlowStateDescriptor.isWorthLess(Memory.getLong(a + stateOffset), Memory.getLong(b + stateOffset), tick)
                ? a
                : b;
    }

    /** Breadth-first search for a bucket with a free entry; {@return the entry freed in a root bucket, or 0} */
    private long makeRoom(long first, long second, int tick, long[] vipSeeds) {
        searchCount = 0;
        visit(first, NO_PARENT, 0);
        visit(second, NO_PARENT, 0);
        for (int node = 0; node < searchCount; node++) {
            long bucket = bucketAddress(searchBucket[node]);
            for (int offset = 0; offset < BUCKET_BYTES; offset += entryBytes) {
                long other = otherBucket(bucket, hashOf(bucket + offset, vipSeeds));
                long free = freeEntry(other, tick);
                if (free != 0) {
                    return moveChain(node, offset, free);
                }
                visit(other, node, offset);
            }
        }
        return 0;
    }

    private void visit(long bucket, int parent, int parentEntry) {
        int index = (int) ((bucket - buckets) >>> BUCKET_SHIFT);
        if (searchCount == SEARCH_BUCKETS) {
            return;
        }
        for (int node = 0; node < searchCount; node++) {
            if (searchBucket[node] == index) {
                return; // a bucket twice in a chain could move one entry twice
            }
        }
        searchBucket[searchCount] = index;
        searchParent[searchCount] = parent;
        searchParentEntry[searchCount] = parentEntry;
        searchCount++;
    }

    /** Moves the entry at {@code offset} of {@code node} to {@code free}, its parent's into its place, up to a root. */
    private long moveChain(int node, int offset, long free) {
        long to = free;
        int at = node;
        int atOffset = offset;
        while (at != NO_PARENT) {
            long from = bucketAddress(searchBucket[at]) + atOffset;
            move(from, to);
            to = from;
            atOffset = searchParentEntry[at];
            at = searchParent[at];
        }
        return to;
    }

    private void move(long from, long to) {
        for (int offset = 0; offset < entryBytes; offset += Long.BYTES) {
            Memory.putLong(to + offset, Memory.getLong(from + offset));
        }
        statistics.moves++;
    }

    private long otherBucket(long bucket, long hash) {
        long first = firstBucket(hash);
        return first == bucket ? secondBucket(hash) : first;
    }

    private long bucketAddress(int index) {
        return buckets + ((long) index << BUCKET_SHIFT);
    }

    private void free(long entry) {
        Memory.putLong(entry + stateOffset, 0);
        flowCount--;
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
