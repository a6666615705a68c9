package io.l4lb.journal;

import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.function.LongSupplier;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.core.time.TimeProvider;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Reads a {@link ChronicleJournal}, with a queue of its own, so that trouble of the appender is not the reader's. Records are copied
 * out: a file may be cut short under a mapping. A file that Chronicle cannot read is set aside unless it is the newest, and left out.
 */
final class ChronicleReader implements JournalReader {
    private final Path directory;
    private final QueueFiles files;
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[Journal.LENGTH_MAX_BYTES]);
    private final TimeProvider roll;
    private final LongSupplier lastCycle;
    private SingleChronicleQueue chronicle;
    private ExcerptTailer tailer;
    /** Of the file that is being read; -1 before the first. */
    private long cycle = -1;

    private long index;
    /** {@link #index} is that of a record. */
    private boolean hasRead;

    private boolean isClosed;
    private int length;

    /** @param lastCycle says which file has the last record */
    ChronicleReader(Path directory, QueueFiles files, TimeProvider roll, LongSupplier lastCycle) {
        this.directory = directory;
        this.files = files;
        this.roll = roll;
        this.lastCycle = lastCycle;
        connect();
    }

    /** On a disk without room only if there is something to read, and without a byte of Chronicle's own. */
    private void connect() {
        disconnect();
        boolean hasRoom = files.hasRoom();
        if (!hasRoom && lastCycle.getAsLong() < 0) {
            return;
        }
        try {
            chronicle = ChronicleJournal.queue(directory, roll, !hasRoom);
            tailer = chronicle.createTailer();
            // opened by one thread, used by another
            tailer.singleThreadedCheckDisabled(true);
        } catch (RuntimeException | Error e) {
            disconnect();
            throw ChronicleJournal.failure("cannot read " + directory, e);
        }
    }

    /** After trouble with Chronicle: to where the reader was. */
    private void connectAgain() {
        connect();
        if (hasRead && tailer.moveToIndex(index)) {
            tailer.readingDocument().close();
        } else if (cycle >= 0) {
            tailer.moveToCycle((int) cycle);
        }
    }

    @Override
    public boolean next() {
        if (chronicle == null && !isClosed) {
            if (lastCycle.getAsLong() < 0) {
                return false; // nothing has ever been appended
            }
            connectAgain();
        }
        if (read()) {
            return true;
        }
        // At a file's end Chronicle may say that there is nothing, though there is a newer file: a recovery would end
        // too soon.
        while (cycle < lastCycle.getAsLong()) {
            // once more: a record may have been appended before that file was made
            if (read()) {
                return true;
            }
            Long newer = files.byCycle().higherKey(cycle);
            if (newer == null) {
                return false;
            }
            enter(newer);
            if (read()) {
                return true;
            }
        }
        return false;
    }

    /** Goes to the beginning of that file; it may be empty. */
    private void enter(long newer) {
        if (!tailer.moveToCycle((int) newer)) {
            connect();
            tailer.moveToCycle((int) newer);
        }
        cycle = newer;
    }

    private boolean read() {
        long found = -1;
        try (DocumentContext document = tailer.readingDocument()) {
            if (!document.isPresent()) {
                return false;
            }
            index = document.index();
            found = index >>> QueueFiles.CYCLE_SHIFT;
            copy(document.wire().bytes());
            cycle = found;
            hasRead = true;
            return true;
        } catch (RuntimeException | InternalError | AssertionError | StackOverflowError e) {
            return skipFile(found >= 0 ? found : cycleOfTailer(), e) && read();
        }
    }

    /** {@return the file that the tailer is in}, or is to begin with */
    private long cycleOfTailer() {
        long ofTailer = tailer == null ? 0 : tailer.index() >>> QueueFiles.CYCLE_SHIFT;
        return ofTailer > 0 ? ofTailer : files.nextAfter(cycle - 1);
    }

    private void copy(Bytes<?> bytes) {
        long remaining = bytes.readRemaining();
        if (remaining > buffer.capacity()) {
            throw new IllegalStateException("a record of " + remaining + " bytes");
        }
        length = (int) remaining;
        bytes.read(buffer.byteArray(), 0, length);
    }

    /** {@return whether there is a file to go on with} */
    private boolean skipFile(long broken, Throwable cause) {
        if (isClosed || Thread.currentThread().isInterrupted()) {
            throw new JournalException("reading " + directory + " was ended", cause);
        }
        NavigableMap<Long, Path> byCycle = files.byCycle();
        Long next = byCycle.higherKey(broken);
        if (next == null) {
            disconnect();
            throw new JournalException("cannot read the newest file of " + directory, cause);
        }
        if (byCycle.containsKey(broken)) { // another reader may have set it aside already
            files.setAside(byCycle.get(broken), cause.toString());
        }
        connect();
        enter(next);
        return true;
    }

    @Override
    public long index() {
        return index;
    }

    @Override
    public DirectBuffer buffer() {
        return buffer;
    }

    @Override
    public int offset() {
        return 0;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public boolean moveTo(long wanted) {
        if (tailer == null) {
            return false;
        }
        try {
            long before = tailer.index();
            boolean moved = tailer.moveToIndex(wanted);
            if (!moved && before != 0) {
                tailer.moveToIndex(before);
            }
            cycle = moved ? wanted >>> QueueFiles.CYCLE_SHIFT : cycle;
            return moved;
        } catch (RuntimeException | InternalError | AssertionError e) {
            throw ChronicleJournal.failure("cannot read " + directory, e);
        }
    }

    @Override
    public void toStart() {
        cycle = -1;
        hasRead = false;
        if (tailer == null) {
            return;
        }
        try {
            tailer.toStart();
        } catch (RuntimeException | InternalError | AssertionError e) {
            throw ChronicleJournal.failure("cannot read " + directory, e);
        }
    }

    private void disconnect() {
        ChronicleJournal.closeQuietly(tailer);
        ChronicleJournal.closeQuietly(chronicle);
        tailer = null;
        chronicle = null;
    }

    @Override
    public void close() {
        isClosed = true;
        disconnect();
    }
}
