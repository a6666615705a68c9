package io.l4lb.testing;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.RxQueue;

/** A receive queue of mbufs that a test has put there; first in, first out. One thread. */
public final class MemoryRxQueue implements RxQueue {
    private final long[] mbufs;
    private int from;
    private int to;

    public MemoryRxQueue(int capacity) {
        mbufs = new long[capacity];
    }

    public void add(long mbuf) {
        if (from == to) {
            from = 0;
            to = 0;
        }
        mbufs[to++] = mbuf;
    }

    public boolean isEmpty() {
        return from == to;
    }

    @Override
    public int receive(long mbufArrayAddress, int capacity) {
        int count = Math.min(capacity, to - from);
        for (int i = 0; i < count; i++) {
            Memory.putLong(mbufArrayAddress + ((long) i << 3), mbufs[from++]);
        }
        return count;
    }
}
