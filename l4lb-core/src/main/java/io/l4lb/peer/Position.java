package io.l4lb.peer;

/**
 * A place in a node's journal: a batch that was appended there.
 *
 * @param index in the journal; grows with each batch, across incarnations too
 * @param incarnation of the process that appended it; two of them are never alike
 * @param sequence counts the batches of one incarnation by one, without a hole
 */
public record Position(long index, long incarnation, long sequence) {
    /** Nowhere yet. */
    public static final Position NONE = new Position(-1, 0, -1);

    public boolean isNone() {
        return equals(NONE);
    }
}
