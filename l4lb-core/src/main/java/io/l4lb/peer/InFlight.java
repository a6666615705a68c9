package io.l4lb.peer;

/** Batches that were sent and not yet acknowledged, in a ring; of one session. */
final class InFlight {
    /** 100,000 events a second in batches of ten, for 400 ms. */
    static final int CAPACITY = 4096;

    private static final int MASK = CAPACITY - 1;

    private final Position[] positions = new Position[CAPACITY];
    private final int[] lengths = new int[CAPACITY];
    private final long[] appendedNs = new long[CAPACITY];
    private long head;
    private long tail;
    private long bytes;

    boolean isFull(long windowBytes) {
        return tail - head == CAPACITY || bytes >= windowBytes;
    }

    void add(Position position, int length, long appended) {
        int slot = (int) tail & MASK;
        positions[slot] = position;
        lengths[slot] = length;
        appendedNs[slot] = appended;
        tail++;
        bytes += length;
    }

    /** Takes out what was sent up to {@code applied}; a position that is not in flight changes nothing. */
    void acknowledge(Position applied, long nowNs, LagMeter lag) {
        long found = head;
        while (found < tail && !positions[(int) found & MASK].equals(applied)) {
            found++;
        }
        if (found == tail) {
            return;
        }
        while (head <= found) {
            int slot = (int) head & MASK;
            if (appendedNs[slot] != 0) {
                lag.record(nowNs - appendedNs[slot], nowNs);
            }
            bytes -= lengths[slot];
            positions[slot] = null;
            head++;
        }
    }

    int count() {
        return (int) (tail - head);
    }

    /** {@return when the oldest was journaled; 0 if there is none or it is unknown} */
    long oldestNs() {
        return head == tail ? 0 : appendedNs[(int) head & MASK];
    }
}
