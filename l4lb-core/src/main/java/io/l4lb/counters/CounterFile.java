package io.l4lb.counters;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.agrona.IoUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersManager;
import org.agrona.concurrent.status.CountersReader;

/**
 * A node's counters in a file that other processes map and read at any time: Agrona's counters, as in Aeron.
 *
 * <pre>
 *  0  length of the metadata   4   machine byte order
 *  4  length of the values     4
 *  8  reserved                56
 * 64  metadata (512 a counter), then values (128 a counter): {@link CountersReader}
 * </pre>
 *
 * <p>One counter per worker and {@link WorkerCounter} or {@link DropReason}, per VIP and per backend; type ids and labels
 * are {@link CounterType}'s. The worker's own cells are the truth; {@link #publish} copies them. A changed set of counters
 * is a new file in the old one's place; who has mapped that one reads its last values. Control thread.
 */
public final class CounterFile implements AutoCloseable {
    static final int METADATA_LENGTH_OFFSET = 0;
    static final int VALUES_LENGTH_OFFSET = METADATA_LENGTH_OFFSET + Integer.BYTES;
    static final int HEADER_BYTES = 64;
    private static final String NAME = "counters";
    private static final int RESERVE_BYTES = 1 << 20;

    private final MappedByteBuffer mapped;
    private final CountersManager manager;
    private final List<Integer> ids = new ArrayList<>();

    private CounterFile(MappedByteBuffer mapped, int counters) {
        this.mapped = mapped;
        UnsafeBuffer all = new UnsafeBuffer(mapped);
        int metadataLength = counters * CountersReader.METADATA_LENGTH;
        all.putInt(METADATA_LENGTH_OFFSET, metadataLength);
        all.putInt(VALUES_LENGTH_OFFSET, counters * CountersReader.COUNTER_LENGTH);
        manager = new CountersManager(
                new UnsafeBuffer(all, HEADER_BYTES, metadataLength),
                new UnsafeBuffer(all, HEADER_BYTES + metadataLength, counters * CountersReader.COUNTER_LENGTH));
    }

    /** {@return where a node with that state directory has its counters} */
    public static Path pathIn(Path stateDirectory) {
        return stateDirectory.resolve(NAME);
    }

    /** Makes the file for the counters that {@code snapshot} has, in place of an older one, and publishes it. */
    public static CounterFile create(Path stateDirectory, CounterSnapshot snapshot, long nowMs) throws IOException {
        Path path = pathIn(stateDirectory);
        Path fresh = path.resolveSibling(NAME + ".new");
        List<CounterType.Value> values = CounterType.values(snapshot, nowMs);
        long length =
                HEADER_BYTES + (long) values.size() * (CountersReader.METADATA_LENGTH + CountersReader.COUNTER_LENGTH);
        if (length > Integer.MAX_VALUE) {
            throw new IOException("too many counters for one file: " + values.size());
        }
        Files.deleteIfExists(fresh);
        MappedByteBuffer mapped;
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            reserve(channel, length);
            mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, length);
        }
        CounterFile file = new CounterFile(mapped, values.size());
        values.forEach(value -> file.ids.add(file.allocate(value)));
        Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        return file;
    }

    /** Writes zeros, so that a full disk is an exception here and not a fault in the mapping later. */
    private static void reserve(FileChannel channel, long length) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(length, RESERVE_BYTES));
        for (long written = 0; written < length; ) {
            zeros.rewind().limit((int) Math.min(zeros.capacity(), length - written));
            written += channel.write(zeros);
        }
    }

    private int allocate(CounterType.Value value) {
        int id = manager.allocate(value.label(), value.type().id(), key -> key.putInt(0, value.worker()));
        manager.setCounterValue(id, value.value());
        return id;
    }

    /** Writes the values of a snapshot with the same workers, VIPs and backends as the one that the file was made for. */
    public void publish(CounterSnapshot snapshot, long nowMs) {
        List<CounterType.Value> values = CounterType.values(snapshot, nowMs);
        for (int i = 0; i < values.size(); i++) {
            manager.setCounterValue(ids.get(i), values.get(i).value());
        }
    }

    /** {@return what the node of that state directory counts; {@link Reading#ageMs} tells whether it is alive} */
    public static Reading read(Path stateDirectory, long nowMs) throws IOException {
        try (FileChannel channel = FileChannel.open(pathIn(stateDirectory), StandardOpenOption.READ)) {
            MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            try {
                UnsafeBuffer all = new UnsafeBuffer(mapped);
                int metadataLength = all.getInt(METADATA_LENGTH_OFFSET);
                int valuesLength = all.getInt(VALUES_LENGTH_OFFSET);
                UnsafeBuffer metadata = new UnsafeBuffer(all, HEADER_BYTES, metadataLength);
                checkLabels(metadata);
                CountersReader reader = new CountersReader(
                        metadata, new UnsafeBuffer(all, HEADER_BYTES + metadataLength, valuesLength));
                CounterType.Collector collector = new CounterType.Collector();
                reader.forEach((id, typeId, key, label) ->
                        collector.add(typeId, key.getInt(0), label, reader.getCounterValue(id)));
                return new Reading(collector.snapshot(), nowMs - collector.publishedAtMs());
            } finally {
                IoUtil.unmap(mapped);
            }
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IOException("not a counter file of l4lb", e);
        }
    }

    /** The reader makes arrays as long as a label says that it is: of a damaged file, without bound. */
    private static void checkLabels(UnsafeBuffer metadata) {
        for (int at = CountersReader.LABEL_OFFSET; at < metadata.capacity(); at += CountersReader.METADATA_LENGTH) {
            int labelLength = metadata.getInt(at);
            if (labelLength < 0 || labelLength > CountersReader.MAX_LABEL_LENGTH) {
                throw new IllegalArgumentException("a label of " + labelLength + " bytes");
            }
        }
    }

    /**
     * Counters as read from a file.
     *
     * @param ageMs how long ago the node last published
     */
    public record Reading(CounterSnapshot snapshot, long ageMs) {}

    /** Unmaps the file and leaves it, so that the last counts can still be read. */
    @Override
    public void close() {
        IoUtil.unmap(mapped);
    }
}
