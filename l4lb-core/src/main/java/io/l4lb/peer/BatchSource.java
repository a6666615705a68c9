package io.l4lb.peer;

import org.agrona.DirectBuffer;

/**
 * What a sender sends: the node's own journal, or first a snapshot of its replica table. One connection's, used by its
 * sender thread alone.
 */
public interface BatchSource extends AutoCloseable {
    /**
     * Goes to the batch behind {@code position}.
     *
     * @return false if that batch is not there any more, or is another one: the peer needs a snapshot
     */
    boolean resumeAfter(Position position);

    /**
     * From now on {@link #next} gives the parts of a snapshot, then the journal from where the scan began. A snapshot has
     * at least one part; the last says {@link #isSnapshotEnd}.
     */
    void startSnapshot();

    /** Batches are missing before the next one. The peer resumes before them, and takes a snapshot if they are missing still. */
    final class GapException extends RuntimeException {
        private static final long serialVersionUID = 1;

        public GapException(String message) {
            super(message);
        }
    }

    /**
     * Goes to the next batch. What is wrong with the journal it throws: the connection ends, and the peer comes again.
     *
     * @return whether there is one; false: nothing at present
     * @throws GapException if batches are missing before it, deleted or never written
     */
    boolean next();

    /** {@return where the batch that {@link #next} gave is; valid until the next call of it} */
    DirectBuffer buffer();

    int offset();

    /** {@return at most {@link FrameDescriptor#MAX_BATCH_LENGTH_BYTES}} */
    int length();

    /** {@return of the batch that {@link #next} gave; for parts of a snapshot {@link Position#NONE}} */
    Position position();

    /** {@return seconds since the batch that {@link #next} gave was written, at least 0} */
    int ageSeconds();

    boolean isSnapshot();

    boolean isSnapshotEnd();

    /** {@return how much of the snapshot has been given, 0 to 100} */
    default int snapshotPercent() {
        return 0;
    }

    /** {@return System.nanoTime when the batch was journaled, 0 if unknown} Lag is measured on the sender's clock. */
    long appendedNs();

    @Override
    void close();
}
