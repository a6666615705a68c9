package io.l4lb.peer;

import org.agrona.DirectBuffer;

/** Where a receiver puts what it gets from one peer. Its receiver thread alone calls it; buffers are valid during the call. */
public interface BatchSink {
    /** {@return the last batch that is in the local journal of the peer; {@link Position#NONE}: nothing yet} */
    Position last();

    /**
     * A batch of the peer's journal, the one behind {@link #last}, or the first behind a snapshot.
     *
     * @param ageSeconds since the peer wrote it, long ago perhaps if there was no way to the peer
     */
    void batch(DirectBuffer buffer, int offset, int length, Position position, long ageSeconds);

    /** A part of a snapshot. A connection may end before the last one; then the snapshot comes anew. */
    void snapshot(DirectBuffer buffer, int offset, int length, boolean last);

    /** The peer has sent all that it has; told once a connection. */
    void caughtUp();

    /** {@return the last batch that the journal thread has applied by now} Read for acknowledgements, often. */
    Position applied();
}
