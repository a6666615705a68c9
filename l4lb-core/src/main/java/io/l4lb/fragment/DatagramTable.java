package io.l4lb.fragment;

import io.l4lb.dpdk.NativeMemory;

/**
 * The datagrams whose fragments come, in buckets of {@value #WAYS} by a hash with a random seed. A full bucket gives up the one
 * whose time ends first. Also the list of those that wait for their first fragment, the longest first. Worker thread.
 */
final class DatagramTable {
    static final long NONE = 0;
    private static final int WAYS = 4;
    private static final int WAYS_SHIFT = 2;

    private final NativeMemory memory;
    private final long records;
    private final long bucketMask;
    private final long seed;
    private long longestWaiting = NONE;
    private long lastWaiting = NONE;

    /** @param datagrams rounded up to a power of two */
    DatagramTable(int datagrams, long seed) {
        long buckets = Long.highestOneBit(Math.max(1, (datagrams - 1) >> WAYS_SHIFT)) * 2;
        memory = NativeMemory.allocate((buckets * WAYS) << DatagramDescriptor.LENGTH_SHIFT, true);
        records = memory.address();
        bucketMask = buckets - 1;
        this.seed = seed;
    }

    private long bucket(FragmentHeader header) {
        return records + ((header.hash(seed) & bucketMask) << (DatagramDescriptor.LENGTH_SHIFT + WAYS_SHIFT));
    }

    /** {@return the record of that fragment's datagram, or {@link #NONE}} */
    long find(FragmentHeader header, long nowNs) {
        long bucket = bucket(header);
        for (int way = 0; way < WAYS; way++) {
            long record = bucket + ((long) way << DatagramDescriptor.LENGTH_SHIFT);
            if (DatagramDescriptor.state(record) != DatagramDescriptor.FREE && hasKey(record, header.key)) {
                if (DatagramDescriptor.state(record) == DatagramDescriptor.WAITING
                        || DatagramDescriptor.deadlineNs(record) - nowNs > 0) {
                    return record;
                }
                DatagramDescriptor.state(record, DatagramDescriptor.FREE);
            }
        }
        return NONE;
    }

    private static boolean hasKey(long record, long[] key) {
        for (int word = 0; word < DatagramDescriptor.KEY_WORDS; word++) {
            if (DatagramDescriptor.key(record, word) != key[word]) {
                return false;
            }
        }
        return true;
    }

    /** {@return a record for that fragment's datagram, which may still be another's}; {@link #begin} makes it this one's */
    long place(FragmentHeader header, long nowNs) {
        long bucket = bucket(header);
        long first = bucket;
        for (int way = 0; way < WAYS; way++) {
            long record = bucket + ((long) way << DatagramDescriptor.LENGTH_SHIFT);
            if (DatagramDescriptor.state(record) == DatagramDescriptor.FREE) {
                return record;
            }
            if (DatagramDescriptor.deadlineNs(record) - DatagramDescriptor.deadlineNs(first) < 0) {
                first = record;
            }
        }
        return first;
    }

    /** Makes the record that of the fragment's datagram, of which nothing has come. */
    void begin(long record, FragmentHeader header, int state, long deadlineNs) {
        for (int word = 0; word < DatagramDescriptor.KEY_WORDS; word++) {
            DatagramDescriptor.key(record, word, header.key[word]);
        }
        DatagramDescriptor.totalBytes(record, 0);
        DatagramDescriptor.rangeCount(record, 0);
        DatagramDescriptor.held(record, 0, 0, 0);
        DatagramDescriptor.state(record, state);
        DatagramDescriptor.deadlineNs(record, deadlineNs);
    }

    /** {@return the one that has waited for longest, or {@link #NONE}} */
    long longestWaiting() {
        return longestWaiting;
    }

    void beginWaiting(long record, long nowNs) {
        DatagramDescriptor.sinceNs(record, nowNs);
        DatagramDescriptor.before(record, lastWaiting);
        DatagramDescriptor.after(record, NONE);
        if (lastWaiting == NONE) {
            longestWaiting = record;
        } else {
            DatagramDescriptor.after(lastWaiting, record);
        }
        lastWaiting = record;
    }

    void endWaiting(long record) {
        long before = DatagramDescriptor.before(record);
        long after = DatagramDescriptor.after(record);
        if (before == NONE) {
            longestWaiting = after;
        } else {
            DatagramDescriptor.after(before, after);
        }
        if (after == NONE) {
            lastWaiting = before;
        } else {
            DatagramDescriptor.before(after, before);
        }
    }

    void close() {
        memory.close();
    }
}
