package io.l4lb.dpdk;

/** Where a worker takes mbufs for the few packets that it makes itself. Called at most once per burst. */
public interface MbufSource {
    /** One that never has any. */
    MbufSource NONE = (_, _) -> false;

    /**
     * Takes {@code count} empty single-segment mbufs, all or none.
     *
     * @param mbufArrayAddress where their addresses (8 bytes each) are written
     * @return whether it had them
     */
    boolean take(long mbufArrayAddress, int count);
}
