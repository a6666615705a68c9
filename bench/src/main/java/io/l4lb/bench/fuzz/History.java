package io.l4lb.bench.fuzz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The inputs since the workers were made, each written before it is tried, into memory that is a file's: it is there when the process
 * ends at a page that cannot be touched.
 *
 * <pre>
 *  0  count     4  big-endian
 *  4  inputs       each: length 4, bytes
 * </pre>
 */
final class History {
    private static final int BYTES = 32 << 20;

    private final MappedByteBuffer memory;

    /** Makes the file. */
    History(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            memory = channel.map(MapMode.READ_WRITE, 0, BYTES);
        }
        clear();
    }

    /** {@return whether there was room} */
    boolean add(byte[] input) {
        if (memory.remaining() < Integer.BYTES + input.length) {
            return false;
        }
        memory.putInt(input.length).put(input);
        memory.putInt(0, memory.getInt(0) + 1);
        return true;
    }

    void clear() {
        memory.putInt(0, 0).position(Integer.BYTES);
    }

    static List<byte[]> read(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file));
        List<byte[]> inputs = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            byte[] input = new byte[in.getInt()];
            in.get(input);
            inputs.add(input);
        }
        return inputs;
    }

    static void write(List<byte[]> inputs, Path file) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(
                inputs.stream().mapToInt(input -> input.length + Integer.BYTES).sum() + Integer.BYTES);
        out.putInt(inputs.size());
        inputs.forEach(input -> out.putInt(input.length).put(input));
        Files.write(file, out.array());
    }
}
