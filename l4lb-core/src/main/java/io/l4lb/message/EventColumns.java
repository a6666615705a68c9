package io.l4lb.message;

import java.util.Arrays;

/**
 * The events of one family in a batch that is being written: an event is the cells of one index. Indices are the dictionary's. They
 * grow to {@link BatchDescriptor#EVENTS_MAX}: each connection of a peer has a writer, which most never use again after its snapshot.
 */
final class EventColumns {
    private static final int FIRST_EVENTS = 64;

    long[] high = new long[FIRST_EVENTS];
    long[] low = new long[FIRST_EVENTS];
    int[] ports = new int[FIRST_EVENTS];
    short[] vip = new short[FIRST_EVENTS];
    short[] backend = new short[FIRST_EVENTS];
    short[] node = new short[FIRST_EVENTS];
    short[] code = new short[FIRST_EVENTS];
    short[] flags = new short[FIRST_EVENTS];
    int[] ageSeconds = new int[FIRST_EVENTS];
    long[] lamport = new long[FIRST_EVENTS];
    int count;

    /** {@return the index of one more event} */
    int next() {
        if (count == low.length) {
            grow(Math.min(BatchDescriptor.EVENTS_MAX, 4 * count));
        }
        return count++;
    }

    private void grow(int length) {
        high = Arrays.copyOf(high, length);
        low = Arrays.copyOf(low, length);
        ports = Arrays.copyOf(ports, length);
        vip = Arrays.copyOf(vip, length);
        backend = Arrays.copyOf(backend, length);
        node = Arrays.copyOf(node, length);
        code = Arrays.copyOf(code, length);
        flags = Arrays.copyOf(flags, length);
        ageSeconds = Arrays.copyOf(ageSeconds, length);
        lamport = Arrays.copyOf(lamport, length);
    }
}
