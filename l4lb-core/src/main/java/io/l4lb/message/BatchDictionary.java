package io.l4lb.message;

import java.util.Arrays;

/**
 * Which numbers a batch names, and the index of each in that batch's dictionary. Stamped with the batch's epoch, so that nothing is
 * cleared between batches. One thread.
 */
final class BatchDictionary {
    private static final int FIRST_NUMBERS = 64;

    private final int[] numbers = new int[BatchDescriptor.EVENTS_MAX];
    private int[] stamps = new int[FIRST_NUMBERS];
    private short[] indices = new short[FIRST_NUMBERS];
    private int epoch;
    private int count;

    void clear() {
        count = 0;
        epoch++;
        if (epoch == 0) {
            // 2^32 batches later an old stamp would be taken for a new one
            Arrays.fill(stamps, 0);
            epoch = 1;
        }
    }

    /** {@return the index of that number, which it now has} */
    short index(int number) {
        if (number >= stamps.length) {
            grow(number);
        }
        if (stamps[number] != epoch) {
            stamps[number] = epoch;
            indices[number] = (short) count;
            numbers[count++] = number;
        }
        return indices[number];
    }

    private void grow(int number) {
        int length = Integer.highestOneBit(number) << 1;
        stamps = Arrays.copyOf(stamps, length);
        indices = Arrays.copyOf(indices, length);
    }

    int count() {
        return count;
    }

    int number(int index) {
        return numbers[index];
    }
}
