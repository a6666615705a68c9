package io.l4lb.pin;

/**
 * Makes room in one of two full buckets: a breadth-first search for the shortest chain of entries that can each move to
 * their own other bucket, the last of them into a free entry. One a flow table; worker thread; cold.
 *
 * <p>A search looks into at most {@value #BUCKETS_MAX} buckets. Below the configured number of flows nearly every one succeeds
 * within its first steps. In an over-full table searches are long and fail: each failure halves the buckets of the next
 * search, down to {@value #BUCKETS_MIN}, and doubles the number of claims that are not searched for, up to
 * {@value #PAUSE_MAX}; a success ends both. So a flood buys 32 cache misses once in a thousand packets, and a table that
 * has got room again is noticed: that none of eight buckets' flows finds a free entry at a load of 8/15 is less likely
 * than once in 10^10 searches.
 */
final class RoomSearch {
    private static final int BUCKETS_MAX = 64;
    private static final int BUCKETS_MIN = 8;
    private static final int PAUSE_MAX = 1023;
    private static final int NO_PARENT = -1;

    private final FlowTable table;
    private final int[] bucket = new int[BUCKETS_MAX];
    private final int[] parent = new int[BUCKETS_MAX];
    private final int[] parentEntry = new int[BUCKETS_MAX];
    private int count;
    private int limit = BUCKETS_MAX;
    private int pause;

    RoomSearch(FlowTable table) {
        this.table = table;
    }

    /** {@return the address of an entry freed in one of the two buckets, or 0} */
    long makeRoom(long first, long second, int tick, long[] vipSeeds) {
        long entry = search(first, second, tick, vipSeeds);
        pause = entry != 0 ? 0 : Math.min(2 * pause + 1, PAUSE_MAX);
        limit = entry != 0 ? BUCKETS_MAX : Math.max(limit / 2, BUCKETS_MIN);
        return entry;
    }

    /** {@return how many claims that find no free entry are not to be searched for} */
    int pause() {
        return pause;
    }

    private long search(long first, long second, int tick, long[] vipSeeds) {
        count = 0;
        visit(first, NO_PARENT, 0);
        visit(second, NO_PARENT, 0);
        for (int node = 0; node < count; node++) {
            long address = table.bucketAddress(bucket[node]);
            for (int offset = 0; offset < FlowTable.BUCKET_BYTES; offset += table.entryBytes) {
                long other = table.otherBucket(address, table.hashOf(address + offset, vipSeeds));
                long free = table.freeEntry(other, tick);
                if (free != 0) {
                    return moveChain(node, offset, free);
                }
                visit(other, node, offset);
            }
        }
        return 0;
    }

    private void visit(long address, int from, int fromEntry) {
        int index = table.bucketIndex(address);
        if (count == limit) {
            return;
        }
        for (int node = 0; node < count; node++) {
            if (bucket[node] == index) {
                return; // a bucket twice in a chain could move one entry twice
            }
        }
        bucket[count] = index;
        parent[count] = from;
        parentEntry[count] = fromEntry;
        count++;
    }

    /** Moves the entry at {@code offset} of {@code node} to {@code free}, its parent's into its place, up to a root. */
    private long moveChain(int node, int offset, long free) {
        long to = free;
        int at = node;
        int atOffset = offset;
        while (at != NO_PARENT) {
            long from = table.bucketAddress(bucket[at]) + atOffset;
            table.move(from, to);
            to = from;
            atOffset = parentEntry[at];
            at = parent[at];
        }
        return to;
    }
}
