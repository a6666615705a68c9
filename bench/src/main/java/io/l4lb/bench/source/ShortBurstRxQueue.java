package io.l4lb.bench.source;

import io.l4lb.dpdk.RxQueue;

/** Gives at most so many packets at once: a load that fills no whole burst. */
public final class ShortBurstRxQueue implements RxQueue {
    private final RxQueue rxQueue;
    private final int burst;

    public ShortBurstRxQueue(RxQueue rxQueue, int burst) {
        this.rxQueue = rxQueue;
        this.burst = burst;
    }

    @Override
    public int receive(long mbufArrayAddress, int capacity) {
        return rxQueue.receive(mbufArrayAddress, Math.min(burst, capacity));
    }
}
