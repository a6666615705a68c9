package io.l4lb.dpdk;

/** Where a worker gives mbufs back that are not sent. Called at most once per burst. */
public interface MbufRelease {
    /**
     * Frees {@code count} mbufs to the pools they came from.
     *
     * @param mbufArrayAddress array of mbuf addresses (8 bytes each)
     */
    void release(long mbufArrayAddress, int count);
}
