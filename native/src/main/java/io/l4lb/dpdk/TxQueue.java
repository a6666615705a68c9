package io.l4lb.dpdk;

/** One transmit queue of an ethPort, used by one worker. Called once per burst. */
public interface TxQueue {
    /**
     * Hands packets to the device without waiting; those it took it will free.
     *
     * @param mbufArrayAddress array of mbuf addresses (8 bytes each)
     * @param count how many, in the order they are to be sent
     * @return how many were taken, from the front; the others stay the caller's, as do all when it throws
     */
    int transmit(long mbufArrayAddress, int count);
}
