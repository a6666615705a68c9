package io.l4lb.peer;

/**
 * What a node's sessions have in common.
 *
 * @param cluster whose nodes talk to each other
 * @param nodeId this node's
 * @param snapshotBytesMax of all parts of a snapshot that is accepted
 * @param windowBytes of batches that a peer has not acknowledged, at which a sender waits
 * @param beatNs after which something is said, if only that there is nothing to say
 * @param deadNs without a word, after which a peer is given up
 * @param helloNs within which a connection has to be greeted and welcomed
 */
public record SessionTerms(
        String cluster,
        String nodeId,
        long snapshotBytesMax,
        long windowBytes,
        long beatNs,
        long deadNs,
        long helloNs) {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long WINDOW_BYTES = 16L << 20;
    /** An IPv6 event has 40 bytes; a batch of 1,024 has a dictionary of at most some KiB. */
    private static final long BYTES_PER_FLOW = 64;

    private static final long SNAPSHOT_BYTES_MIN = 16L << 20;

    /** The usual ones. */
    public static SessionTerms of(String cluster, String nodeId, long flows) {
        return new SessionTerms(
                cluster,
                nodeId,
                SNAPSHOT_BYTES_MIN + flows * BYTES_PER_FLOW,
                WINDOW_BYTES,
                SECOND_NS,
                5 * SECOND_NS,
                5 * SECOND_NS);
    }
}
