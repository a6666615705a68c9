package io.l4lb.dpdk;

/** One receive queue of an ethPort, polled by one worker. Called once per burst. */
public interface RxQueue {
    /**
     * Takes up to {@code capacity} packets off the queue without waiting.
     *
     * @param mbufArrayAddress where the mbuf addresses (8 bytes each) are written
     * @param capacity places in that array
     * @return how many were received, 0..capacity
     */
    int receive(long mbufArrayAddress, int capacity);
}
