package io.l4lb.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A journal in memory, for simulation and tests: the same contract, full at a given number of bytes, deterministic. */
public final class MemoryJournal implements Journal {
    private static final int FILE_SHIFT = 32;

    private final TreeMap<Long, byte[]> records = new TreeMap<>();
    private final int recordsAFile;
    private final long bytesMax;
    private long nextIndex;
    private long bytes;

    /**
     * @param recordsAFile after so many a new file begins
     * @param bytesMax what the disk holds
     */
    public MemoryJournal(int recordsAFile, long bytesMax) {
        this.recordsAFile = recordsAFile;
        this.bytesMax = bytesMax;
    }

    @Override
    public synchronized long append(DirectBuffer buffer, int offset, int length) {
        if (length > LENGTH_MAX_BYTES) {
            throw new JournalException("a record of " + length + " bytes is longer than " + LENGTH_MAX_BYTES);
        }
        if (bytes + length > bytesMax) {
            throw new JournalException("no room for " + length + " bytes, " + bytes + " are taken");
        }
        byte[] record = new byte[length];
        buffer.getBytes(offset, record);
        long index = nextIndex;
        records.put(index, record);
        bytes += length;
        boolean fileEnds = (int) index == recordsAFile - 1;
        nextIndex = fileEnds ? (fileOf(index) + 1) << FILE_SHIFT : index + 1;
        return index;
    }

    private static long fileOf(long index) {
        return index >>> FILE_SHIFT;
    }

    @Override
    public JournalReader reader() {
        return new Reader();
    }

    @Override
    public void whenOnDisk(Runnable then) {
        then.run();
    }

    @Override
    public synchronized void deleteBefore(long index) {
        // the newest file stays, as on disk
        long firstKept = Math.min(fileOf(index), records.isEmpty() ? 0 : fileOf(records.lastKey())) << FILE_SHIFT;
        Map<Long, byte[]> old = records.headMap(firstKept);
        bytes -= old.values().stream().mapToLong(record -> record.length).sum();
        old.clear();
    }

    /**
     * What a loss of power does to records that were not written back; no reader may be open.
     *
     * @return the index of the first that is lost, which the next one appended takes; {@link Long#MAX_VALUE}: none was
     */
    public synchronized long loseLast(int count) {
        long firstLost = Long.MAX_VALUE;
        for (int i = 0; i < count && !records.isEmpty(); i++) {
            Map.Entry<Long, byte[]> last = records.pollLastEntry();
            bytes -= last.getValue().length;
            firstLost = last.getKey();
            nextIndex = firstLost;
        }
        return firstLost;
    }

    @Override
    public synchronized long bytesOnDisk() {
        return bytes;
    }

    @Override
    public List<String> problems() {
        return new ArrayList<>();
    }

    /** What a process writes outlives it. */
    @Override
    public void close() {}

    private Map.Entry<Long, byte[]> from(long index) {
        synchronized (this) {
            // most who ask have read all there is
            return index >= nextIndex ? null : records.ceilingEntry(index);
        }
    }

    private boolean has(long index) {
        synchronized (this) {
            return records.containsKey(index);
        }
    }

    private final class Reader implements JournalReader {
        private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[0]);
        private long next;
        private long index;

        @Override
        public boolean next() {
            Map.Entry<Long, byte[]> record = from(next);
            if (record == null) {
                return false;
            }
            index = record.getKey();
            next = index + 1;
            buffer.wrap(record.getValue());
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
            return buffer.capacity();
        }

        @Override
        public boolean moveTo(long wanted) {
            if (!has(wanted)) {
                return false;
            }
            next = wanted;
            return true;
        }

        @Override
        public void toStart() {
            next = 0;
        }

        @Override
        public void close() {}
    }
}
