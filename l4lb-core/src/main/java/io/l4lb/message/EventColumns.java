package io.l4lb.message;

import static io.l4lb.message.BatchDescriptor.EVENTS_MAX;

/** The events of one family in a batch that is being written: an event is the cells of one index. Indices are the dictionary's. */
final class EventColumns {
    final long[] high = new long[EVENTS_MAX];
    final long[] low = new long[EVENTS_MAX];
    final int[] ports = new int[EVENTS_MAX];
    final short[] vip = new short[EVENTS_MAX];
    final short[] backend = new short[EVENTS_MAX];
    final short[] node = new short[EVENTS_MAX];
    final short[] code = new short[EVENTS_MAX];
    final short[] flags = new short[EVENTS_MAX];
    final int[] ageSeconds = new int[EVENTS_MAX];
    final long[] lamport = new long[EVENTS_MAX];
    int count;
}
