package io.l4lb.peer;

/** Batches that were sent and not yet acknowledged, in a ring that grows to its bound; of one session. */
final class InFlight {
    /** 100,000 events a second in batches of ten, for 400 ms. */
    static final int CAPACITY = 4096;

    private static final int FIRST_CAPACITY = 64;

    private Position[] positions = new Position[FIRST_CAPACITY];
    private int[] lengths = new int[FIRST_CAPACITY];
    private long[] appendedNs = new long[FIRST_CAPACITY];
    private long head;
    private long tail;
    private long bytes;

    boolean isFull(long windowBytes) {
        return tail - head == CAPACITY || bytes >= windowBytes;
    }

    void add(Position position, int length, long appended) {
        if (tail - head == positions.length) {
            grow();
        }
        int slot = slot(tail);
        positions[slot] = position;
        lengths[slot] = length;
        appendedNs[slot] = appended;
        tail++;
        bytes += length;
    }

    /** Takes out what was sent up to {@code applied}; a position that is not in flight changes nothing. */
    void acknowledge(Position applied, long nowNs, LagMeter lag) {
        long found = head;
        while (found < tail && !positions[slot(found)].equals(applied)) {
            found++;
        }
        if (found == tail) {
            return;
        }
        while (head <= found) {
            int slot = slot(head);
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
        return head == tail ? 0 : appendedNs[slot(head)];
    }

    private int slot(long number) {
        return (int) number & (positions.length - 1);
    }

    private void grow() {
        int length = 2 * positions.length;
        Position[] morePositions = new Position[length];
        int[] moreLengths = new int[length];
        long[] moreAppendedNs = new long[length];
        for (long number = head; number < tail; number++) {
            int to = (int) number & (length - 1);
            int from = slot(number);
            morePositions[to] = positions[from];
            moreLengths[to] = lengths[from];
            moreAppendedNs[to] = appendedNs[from];
        }
        positions = morePositions;
        lengths = moreLengths;
        appendedNs = moreAppendedNs;
    }
}
