package io.l4lb.dpdk.ethdev;

import io.l4lb.dpdk.MbufPool;

/**
 * How an ethPort is to be set up.
 *
 * @param rxQueues receive queues, at least 1; with more than one, RSS spreads flows over them where the device has it
 * @param txQueues transmit queues, at least 1
 * @param rxDescriptors wanted length of each receive ring; clamped to what the device takes
 * @param txDescriptors wanted length of each transmit ring; clamped likewise
 * @param mtuBytes largest IP packet; 0 leaves the device as it is
 * @param promiscuous whether frames to other MAC addresses are received too, where the device can
 * @param rxPool where received packets are put; its buffers must hold the MTU and 18 bytes more
 */
public record EthDevConfig(
        int rxQueues,
        int txQueues,
        int rxDescriptors,
        int txDescriptors,
        int mtuBytes,
        boolean promiscuous,
        MbufPool rxPool) {
    /** 1024: at 10 Mpps a ring bridges a pause of 100 us, which is what a ZGC safepoint takes. */
    public static final int DEFAULT_DESCRIPTORS = 1024;

    public EthDevConfig {
        if (rxQueues < 1 || txQueues < 1 || rxDescriptors < 1 || txDescriptors < 1 || mtuBytes < 0) {
            throw new IllegalArgumentException("queues and descriptors must be at least 1, mtuBytes 0 or more");
        }
    }

    /** {@return the usual set-up: one receive and one transmit queue per worker, promiscuous} */
    public static EthDevConfig forWorkers(int workers, int mtuBytes, MbufPool rxPool) {
        return new EthDevConfig(workers, workers, DEFAULT_DESCRIPTORS, DEFAULT_DESCRIPTORS, mtuBytes, true, rxPool);
    }
}
