package io.l4lb.testing;

import io.l4lb.dpdk.MbufRelease;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.TxQueue;

/** Where mbufs end: a transmit queue, or a pool that they are released to; keeps their addresses in order. One thread. */
public final class MemorySink implements TxQueue, MbufRelease {
    private final long[] mbufs;
    private int size;
    private int callCount;
    private int takenPerCall = Integer.MAX_VALUE;
    private int room = Integer.MAX_VALUE;

    public MemorySink(int capacity) {
        mbufs = new long[capacity];
    }

    /** Of each call, takes at most so many. */
    public void takePerCall(int count) {
        takenPerCall = count;
    }

    /** Takes so many more, then none. */
    public void room(int count) {
        room = count;
    }

    @Override
    public int transmit(long mbufArrayAddress, int count) {
        int taken = Math.min(Math.min(count, takenPerCall), room);
        room -= taken;
        release(mbufArrayAddress, taken);
        return taken;
    }

    @Override
    public void release(long mbufArrayAddress, int count) {
        callCount++;
        for (int i = 0; i < count; i++) {
            mbufs[size++] = Memory.getLong(mbufArrayAddress + ((long) i << 3));
        }
    }

    public int size() {
        return size;
    }

    public int callCount() {
        return callCount;
    }

    public long mbuf(int index) {
        return mbufs[index];
    }

    public void clear() {
        size = 0;
        callCount = 0;
    }
}
