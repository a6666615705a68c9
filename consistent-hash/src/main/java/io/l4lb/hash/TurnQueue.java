package io.l4lb.hash;

/**
 * Whose turn it is to take its next preferred slot: the weighted form of the paper's round robin.
 *
 * <p>Turn k (from 0) of a backend falls due at (2k + 1) / weight, the middle of its k-th stride, and turns are
 * taken in the order of due times, at equal times in the order of the backends. A backend leaves when its
 * {@link SlotQuota} is used up.
 *
 * <ul>
 *   <li>Equal weights: all k-th turns are due together, so the order is B0 B1 … Bn-1, B0 B1 … : the paper's.
 *   <li>A turn's due time depends on nothing but its own backend. Another backend that comes, goes or changes its
 *       weight does not reorder the turns of the rest, which is what keeps the disruption small.
 *   <li>Two weights in the same proportion give the same order, hence the same table.
 * </ul>
 *
 * <p>Due times are 31.32 fixed point, rounded down. Two different fractions with denominators up to 65,535 are at
 * least 1 / 65,535^2 &gt; 2^-32 apart, so rounding never makes two of them equal or swaps them: the order is exact.
 * A binary heap makes a turn O(log backends). Cold; one thread; bounded by the number of backends.
 */
final class TurnQueue {
    private static final int FRACTION_BITS = 32;

    private final int[] weights;
    private final int[] quota;
    private final int[] turnsTaken;
    private final long[] due;
    private final int[] heap;
    private int size;

    TurnQueue(int[] weights, int[] quota) {
        this.weights = weights;
        this.quota = quota;
        this.turnsTaken = new int[weights.length];
        this.due = new long[weights.length];
        this.heap = new int[weights.length];
        for (int backend = 0; backend < weights.length; backend++) {
            if (quota[backend] > 0) {
                due[backend] = dueTime(backend);
                heap[size++] = backend;
            }
        }
        for (int parent = size / 2 - 1; parent >= 0; parent--) {
            siftDown(parent);
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Takes the next turn; only if not {@link #isEmpty}. {@return the backend whose turn it is} */
    int take() {
        int backend = heap[0];
        if (++turnsTaken[backend] == quota[backend]) {
            heap[0] = heap[--size];
        } else {
            due[backend] = dueTime(backend);
        }
        siftDown(0);
        return backend;
    }

    private long dueTime(int backend) {
        return ((2L * turnsTaken[backend] + 1) << FRACTION_BITS) / weights[backend];
    }

    private void siftDown(int start) {
        int moving = heap[start];
        int position = start;
        int child = 2 * position + 1;
        while (child < size) {
            if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
                child++;
            }
            if (!isBefore(heap[child], moving)) {
                break;
            }
            heap[position] = heap[child];
            position = child;
            child = 2 * position + 1;
        }
        heap[position] = moving;
    }

    private boolean isBefore(int left, int right) {
        return due[left] < due[right] || (due[left] == due[right] && left < right);
    }
}
