package io.l4lb.message;

/**
 * A record of a peer's local journal: the peer's batch behind what only the receiver knows. Little-endian.
 *
 * <pre>
 *  0  index       8  of the batch in the peer's journal; -1 for a part of a snapshot
 *  8  writtenMs   8  this node's wall clock when the peer wrote it; the peer says how long ago that is, for its clock may be hours off
 * 16  batch          as it came
 * </pre>
 */
public final class PeerRecordDescriptor {
    public static final int INDEX_OFFSET = 0;
    public static final int WRITTEN_MS_OFFSET = INDEX_OFFSET + Long.BYTES;
    public static final int BATCH_OFFSET = WRITTEN_MS_OFFSET + Long.BYTES;
    /** The index of a part of a snapshot. */
    public static final long NO_INDEX = -1;

    private PeerRecordDescriptor() {}
}
