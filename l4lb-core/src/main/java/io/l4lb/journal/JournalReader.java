package io.l4lb.journal;

import org.agrona.DirectBuffer;

/** Reads a journal from record to record, and goes on when there are more. One thread. */
public interface JournalReader extends AutoCloseable {
    /**
     * {@return whether there was a next record, which {@link #buffer} now holds} Files that were deleted, or that cannot be read, are
     * left out without a word: records have numbers of their own.
     */
    boolean next();

    /** {@return the index of the record} */
    long index();

    /** {@return a copy of the record, until the next call of {@link #next}} Over a byte array. */
    DirectBuffer buffer();

    int offset();

    int length();

    /** {@return whether there is a record with that index, which {@link #next} then reads} If not, nothing has changed. */
    boolean moveTo(long index);

    /** Goes before the first record that there is. */
    void toStart();

    @Override
    void close();
}
