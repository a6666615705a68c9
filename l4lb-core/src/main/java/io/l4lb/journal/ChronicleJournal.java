package io.l4lb.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import net.openhft.chronicle.core.time.TimeProvider;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LegacyRollCycles;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.DirectBuffer;

/**
 * A journal in a directory of its own, by Chronicle Queue: a file a minute in which something is appended, so that retention is
 * fine-grained and an idle node's files are small. What was appended is the kernel's and survives this process, not the power. One process at a time.
 *
 * <p>Never {@code pretouch()}: the open source version calls itself until the stack is full.
 */
public final class ChronicleJournal implements Journal {
    /** A file grows by this, as a hole. A record may have a quarter of it at most; an append maps a new one now and then. */
    private static final int BLOCK_BYTES = 16 * LENGTH_MAX_BYTES;

    private static final String LOCK = "journal.lock";

    private final Path directory;
    private final QueueFiles files;
    private final Retention retention;
    private QueueRoll roll;
    /** Null: the disk had no room for it. */
    private FileChannel lock;
    /** Chronicle has been in the directory since {@link #open}, and may have begun a file. */
    private volatile boolean hasBegun;
    /** Of the last record: where readers have to get to. */
    private volatile long lastCycle;

    private byte[] scratch = new byte[0];
    private SingleChronicleQueue chronicle;
    private ExcerptAppender appender;

    private ChronicleJournal(Path directory) {
        this.directory = directory;
        files = new QueueFiles(directory);
        retention = new Retention(files);
    }

    /**
     * Opens the journal in that directory, or makes one. Files that are not whole are set aside first. On a disk without room
     * it is read, and an append begins it when there is room.
     *
     * @throws JournalException if the directory cannot be written, is in use, or has files of another kind of queue
     */
    public static ChronicleJournal open(Path directory) {
        return open(directory, System::nanoTime);
    }

    /** {@return the journal, whose minutes are those of that clock} */
    static ChronicleJournal open(Path directory, LongSupplier nanoTime) {
        ChronicleJournal journal = new ChronicleJournal(directory);
        try {
            boolean hasRoom = journal.files.hasRoom();
            journal.lock(hasRoom);
            journal.files.forgetMetadata();
            // before files are set aside: no name is used twice
            journal.roll = new QueueRoll(journal.files.nextCycle(), nanoTime);
            journal.files.mend(hasRoom);
            journal.files.keepSetAside();
            journal.lastCycle = journal.files.lastCycle();
            if (hasRoom) {
                journal.connect();
            }
            return journal;
        } catch (JournalException e) {
            journal.close();
            throw e;
        }
    }

    /** @param mustBe false: on a disk without room even a file without content may be too much; the first append tries again */
    private void lock(boolean mustBe) {
        try {
            Files.createDirectories(directory);
            lock = FileChannel.open(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            if (mustBe) {
                throw new JournalException("cannot write in " + directory, e);
            }
            return;
        }
        if (!isLocked()) {
            closeQuietly(lock);
            throw new JournalException(directory + " is in use");
        }
    }

    private boolean isLocked() {
        try {
            return lock.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // this process has it open already: the same as another one
        } catch (IOException e) {
            throw new JournalException("cannot write in " + directory, e);
        }
    }

    /** @param isReadOnly also where there is no room for Chronicle's own notes, which it otherwise makes */
    static SingleChronicleQueue queue(Path directory, TimeProvider clock, boolean isReadOnly) {
        return SingleChronicleQueueBuilder.binary(directory)
                .rollCycle(LegacyRollCycles.MINUTELY)
                .blockSize(BLOCK_BYTES)
                .timeProvider(clock)
                .readOnly(isReadOnly)
                .build();
    }

    private void connect() {
        hasBegun = true;
        try {
            chronicle = queue(directory, roll, false);
            appender = chronicle.createAppender();
            // opened by one thread, used by another
            appender.singleThreadedCheckDisabled(true);
        } catch (RuntimeException | Error e) {
            disconnect();
            throw failure("cannot open " + directory, e);
        }
    }

    /** Only what no disk can cause goes through. A mapped page that cannot be had is an {@link InternalError}. */
    static JournalException failure(String what, Throwable cause) {
        if (cause instanceof OutOfMemoryError noMemory
                && !String.valueOf(cause.getMessage()).contains("Map failed")) {
            throw noMemory;
        }
        return new JournalException(what, cause);
    }

    @Override
    public long append(DirectBuffer buffer, int offset, int length) {
        if (length > LENGTH_MAX_BYTES) {
            throw new JournalException("a record of " + length + " bytes is longer than " + LENGTH_MAX_BYTES);
        }
        if (scratch.length < length) {
            scratch = new byte[length];
        }
        buffer.getBytes(offset, scratch, 0, length);
        beginFileIfDue();
        try {
            write(length);
            long index = appender.lastIndexAppended();
            lastCycle = index >>> QueueFiles.CYCLE_SHIFT;
            return index;
        } catch (RuntimeException | Error e) {
            // nobody knows what state Chronicle is in: the next append begins anew
            disconnect();
            throw failure("cannot append to " + directory, e);
        }
    }

    private void beginFileIfDue() {
        if (hasBegun && appender == null) {
            files.mendAfter(lastCycle);
            roll.leave();
        }
        if (roll.isDue()) {
            files.requireRoom();
            begin();
            roll.roll();
        }
        if (appender == null) {
            connect();
        }
    }

    /** What {@link #open} could not do for want of room. */
    private void begin() {
        if (lock == null) {
            lock(true);
        }
        if (!hasBegun) {
            files.sealAll();
        }
    }

    private void write(int length) {
        try (DocumentContext document = appender.writingDocument()) {
            try {
                document.wire().bytes().write(scratch, 0, length);
            } catch (RuntimeException | Error e) {
                document.rollbackOnClose();
                throw e;
            }
        }
    }

    @Override
    public JournalReader reader() {
        return new ChronicleReader(directory, files, roll, () -> lastCycle);
    }

    @Override
    public Optional<String> refusal() {
        return hasBegun ? Optional.empty() : Optional.of("there was no room in " + directory + " at the start");
    }

    @Override
    public void whenOnDisk(Runnable then) {
        retention.whenOnDisk(then);
    }

    @Override
    public void deleteBefore(long index) {
        retention.deleteBefore(index);
    }

    @Override
    public long bytesOnDisk() {
        return retention.bytesOnDisk();
    }

    @Override
    public void deleteSetAside() {
        files.keepSetAside(0, 0);
    }

    @Override
    public void delete() {
        files.deleteAll();
    }

    @Override
    public List<String> problems() {
        return files.problems();
    }

    private void disconnect() {
        closeQuietly(appender);
        closeQuietly(chronicle);
        appender = null;
        chronicle = null;
    }

    /** Closes even what is broken. */
    static void closeQuietly(AutoCloseable closeable) {
        try {
            if (closeable != null) {
                closeable.close();
            }
        } catch (Exception | InternalError | AssertionError e) {
            // there was trouble already, or the journal is being closed: it has been told of
        }
    }

    @Override
    public void close() {
        retention.close();
        disconnect();
        closeQuietly(lock);
    }
}
