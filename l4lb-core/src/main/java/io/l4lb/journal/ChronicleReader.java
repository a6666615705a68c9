package io.l4lb.journal;

import java.nio.file.Path;
import java.util.Map;
import net.openhft.chronicle.bytes.Bytes;
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
    private static final long LOOK_NS = 1_000_000_000L;

    private boolean isNewest;
    private long lookedNs;
    private SingleChronicleQueue chronicle;
    private ExcerptTailer tailer;
    private long index;
    private int length;

    ChronicleReader(Path directory, QueueFiles files) {
        this.directory = directory;
        this.files = files;
        connect();
    }

    private void connect() {
        try {
            chronicle = ChronicleJournal.queue(directory);
            tailer = chronicle.createTailer();
        } catch (RuntimeException | Error e) {
            close();
            throw ChronicleJournal.failure("cannot read " + directory, e);
        }
    }

    /** At the end of a file Chronicle may say that there is nothing, though a newer file is there: a recovery would end too soon. */
    @Override
    public boolean next() {
        if (read()) {
            return true;
        }
        Long newer = newerFile();
        // once more: a record may have been appended before that file was made
        return newer != null && (read() || (tailer.moveToCycle(newer.intValue()) && next()));
    }

    /** {@return the cycle of the next file, or null}; while there is none the directory is looked at once a second. */
    private Long newerFile() {
        long nowNs = System.nanoTime();
        if (isNewest && nowNs - lookedNs < LOOK_NS) {
            return null;
        }
        Long newer = files.byCycle().higherKey(tailer.index() >>> QueueFiles.CYCLE_SHIFT);
        isNewest = newer == null;
        lookedNs = nowNs;
        return newer;
    }

    private boolean read() {
        long cycle = -1;
        try (DocumentContext document = tailer.readingDocument()) {
            if (!document.isPresent()) {
                return false;
            }
            index = document.index();
            cycle = index >>> QueueFiles.CYCLE_SHIFT;
            copy(document.wire().bytes());
            return true;
        } catch (RuntimeException | InternalError | AssertionError | StackOverflowError e) {
            return skipFile(cycle >= 0 ? cycle : tailer.index() >>> QueueFiles.CYCLE_SHIFT, e) && read();
        }
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
    private boolean skipFile(long cycle, Throwable cause) {
        if (chronicle.isClosed() || Thread.currentThread().isInterrupted()) {
            throw new JournalException("reading " + directory + " was ended", cause);
        }
        Map.Entry<Long, Path> bad = files.byCycle().ceilingEntry(cycle);
        if (bad == null || bad.getKey().equals(files.byCycle().lastKey())) {
            throw new JournalException("cannot read the newest file of " + directory, cause);
        }
        files.setAside(bad.getValue(), cause.toString());
        close();
        connect();
        return tailer.moveToCycle(files.byCycle().higherKey(cycle).intValue());
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
        try {
            long before = tailer.index();
            boolean moved = tailer.moveToIndex(wanted);
            if (!moved && before != 0) {
                tailer.moveToIndex(before);
            }
            return moved;
        } catch (RuntimeException | InternalError | AssertionError e) {
            throw ChronicleJournal.failure("cannot read " + directory, e);
        }
    }

    @Override
    public void toStart() {
        try {
            tailer.toStart();
        } catch (RuntimeException | InternalError | AssertionError e) {
            throw ChronicleJournal.failure("cannot read " + directory, e);
        }
    }

    @Override
    public void close() {
        ChronicleJournal.closeQuietly(tailer);
        ChronicleJournal.closeQuietly(chronicle);
    }
}
