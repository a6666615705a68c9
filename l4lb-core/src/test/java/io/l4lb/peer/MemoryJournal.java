package io.l4lb.peer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A node's journal and table in memory: batches say that keys have versions, of which the later counts. Thread-safe. */
public final class MemoryJournal {
    private static final int ENTRY_LENGTH_BYTES = 2 * Integer.BYTES;

    /** A batch where it is. */
    public record Entry(Position position, DirectBuffer batch, long appendedNs) {}

    private final List<Entry> entries = new ArrayList<>();
    /** Older ones are deleted. */
    private int kept;

    private final Map<Integer, Integer> table = new TreeMap<>();
    private long index = 100;
    private long incarnation = 1;
    private long sequence;

    /** Journals that {@code key} has {@code version}, with {@code padding} bytes that say nothing. */
    public synchronized void append(int key, int version, int padding) {
        table.merge(key, version, Math::max);
        ByteBuffer batch =
                ByteBuffer.allocate(ENTRY_LENGTH_BYTES + padding).putInt(key).putInt(version);
        index += 1 + key % 3;
        entries.add(new Entry(
                new Position(index, incarnation, sequence++), new UnsafeBuffer(batch.array()), System.nanoTime()));
    }

    public synchronized void restart() {
        incarnation++;
        sequence = 0;
    }

    /** Another disk: nothing of before is there, and indexes begin anew. */
    public synchronized void loseDisk() {
        restart();
        kept = entries.size();
        index = 0;
    }

    public synchronized void retain(int count) {
        kept = Math.max(kept, entries.size() - count);
    }

    public synchronized Map<Integer, Integer> table() {
        return new TreeMap<>(table);
    }

    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    public synchronized int size() {
        return entries.size();
    }

    private synchronized int find(Position position) {
        for (int at = entries.size() - 1; at >= kept; at--) {
            if (entries.get(at).position().equals(position)) {
                return at;
            }
        }
        return -1;
    }

    private synchronized Entry entry(int at) {
        if (at < kept) {
            throw new IllegalStateException("deleted");
        }
        return at < entries.size() ? entries.get(at) : null;
    }

    static void merge(Map<Integer, Integer> table, DirectBuffer buffer, int offset, int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        ByteBuffer batch = ByteBuffer.wrap(bytes);
        if (length >= ENTRY_LENGTH_BYTES) {
            table.merge(batch.getInt(), batch.getInt(), Math::max);
        }
    }

    public BatchSource source() {
        return new Source();
    }

    private final class Source implements BatchSource {
        private List<byte[]> parts = List.of();
        private int part;
        private int at;
        private Entry current;
        private DirectBuffer buffer;
        private boolean isSnapshot;

        @Override
        public boolean resumeAfter(Position position) {
            int found = find(position);
            at = found + 1;
            return found >= 0;
        }

        @Override
        public void startSnapshot() {
            at = size();
            List<byte[]> all = new ArrayList<>();
            table().forEach((key, version) -> all.add(ByteBuffer.allocate(ENTRY_LENGTH_BYTES)
                    .putInt(key)
                    .putInt(version)
                    .array()));
            all.add(new byte[0]);
            parts = all;
        }

        @Override
        public boolean next() {
            isSnapshot = part < parts.size();
            current = isSnapshot ? null : entry(at);
            if (isSnapshot) {
                buffer = new UnsafeBuffer(parts.get(part++));
            } else if (current != null) {
                buffer = current.batch();
                at++;
            }
            return isSnapshot || current != null;
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
        public Position position() {
            return isSnapshot ? Position.NONE : current.position();
        }

        @Override
        public int ageSeconds() {
            return 0;
        }

        @Override
        public boolean isSnapshot() {
            return isSnapshot;
        }

        @Override
        public boolean isSnapshotEnd() {
            return isSnapshot && part == parts.size();
        }

        @Override
        public int snapshotPercent() {
            return 100 * part / parts.size();
        }

        @Override
        public long appendedNs() {
            return current == null ? 0 : current.appendedNs();
        }

        @Override
        public void close() {
            current = null;
        }
    }
}
