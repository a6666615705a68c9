package io.l4lb.journal;

import java.util.List;
import java.util.Optional;
import org.agrona.DirectBuffer;

/**
 * Records one after the other, in files of which the oldest can be deleted. Indices rise, and not by one when a file ends. One thread
 * appends; readers may live in others.
 */
public interface Journal extends AutoCloseable {
    /** Of a record, in bytes: more than the largest batch. */
    int LENGTH_MAX_BYTES = 1 << 18;

    /**
     * Appends a record.
     *
     * @return its index
     * @throws JournalException if it could not; the journal is as before, and the next try may succeed
     */
    long append(DirectBuffer buffer, int offset, int length);

    /** {@return a new reader, which stands before the first record; for one thread, which closes it} */
    JournalReader reader();

    /** Deletes the files all of whose records are before that index; readers go on at the first record that is left. Any thread. */
    void deleteBefore(long index);

    /**
     * Runs that when all that has been appended so far is on the disk and survives the power: in a thread of the journal's, or at once.
     * Not if the disk fails, nor when the journal is closed before.
     */
    void whenOnDisk(Runnable then);

    /** {@return why nothing can be appended since it was opened; empty: nobody has tried, or it can} Any thread. */
    default Optional<String> refusal() {
        return Optional.empty();
    }

    /** Removes the files that were set aside: somebody needs the room. Any thread. */
    default void deleteSetAside() {}

    /** Removes all files of a journal that is closed. Any thread. */
    default void delete() {}

    /** {@return what the files take, those set aside too, in bytes; cheap enough to ask each second} Also when it is closed. */
    long bytesOnDisk();

    /** {@return what could not be read and was set aside since this journal was opened, for people} Any thread. */
    List<String> problems();

    @Override
    void close();
}
