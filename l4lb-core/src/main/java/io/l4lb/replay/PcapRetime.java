package io.l4lb.replay;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Copies what DPDK's pcap device wrote, giving each packet the time of the packet it was made from: the device stamps
 * the time of day, and two replays of one capture have to be the same file. Writes microseconds, little-endian.
 */
final class PcapRetime {
    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final int VERSION_2_4 = (4 << 16) | 2;
    private static final int SNAP_LENGTH = 65_535;

    private PcapRetime() {}

    /**
     * Writes {@code target} whole or not at all, unless it is a device or a pipe, which is written as it comes.
     *
     * @param timesMicros the times, one a packet of {@code source}
     */
    static void copy(Path source, LongList timesMicros, Path target) throws PcapException {
        try {
            Path file = Files.exists(target) ? target.toRealPath() : target.toAbsolutePath();
            boolean replaceable =
                    (!Files.exists(file) || Files.isRegularFile(file)) && Files.isWritable(file.getParent());
            if (replaceable) {
                replace(source, timesMicros, file);
            } else {
                write(source, timesMicros, file);
            }
        } catch (IOException e) {
            throw cannotWrite(target, e);
        }
    }

    private static void replace(Path source, LongList timesMicros, Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            write(source, timesMicros, part);
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void write(Path source, LongList timesMicros, Path target) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(source), 1 << 16));
                OutputStream out = new BufferedOutputStream(Files.newOutputStream(target), 1 << 16)) {
            out.write(fileHeader());
            in.skipNBytes(PcapDescriptor.FILE_HEADER_BYTES);
            byte[] header = new byte[PcapDescriptor.RECORD_HEADER_BYTES];
            ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < timesMicros.size(); i++) {
                checkWhole(in.readNBytes(header, 0, header.length), header.length);
                fields.putInt(PcapDescriptor.SECONDS_OFFSET, (int) (timesMicros.get(i) / MICROS_PER_SECOND));
                fields.putInt(PcapDescriptor.FRACTION_OFFSET, (int) (timesMicros.get(i) % MICROS_PER_SECOND));
                int captured = fields.getInt(PcapDescriptor.CAPTURED_OFFSET);
                out.write(header);
                byte[] frame = in.readNBytes(captured);
                checkWhole(frame.length, captured);
                out.write(frame);
            }
        }
    }

    private static void checkWhole(int readBytes, int expectedBytes) throws EOFException {
        if (readBytes < expectedBytes) {
            throw new EOFException("DPDK's pcap device wrote fewer packets than it took; is the disk full?");
        }
    }

    private static byte[] fileHeader() {
        return ByteBuffer.allocate(PcapDescriptor.FILE_HEADER_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(PcapDescriptor.MAGIC_OFFSET, PcapDescriptor.MAGIC_MICROSECONDS)
                .putInt(PcapDescriptor.VERSION_OFFSET, VERSION_2_4)
                .putInt(PcapDescriptor.SNAP_LENGTH_OFFSET, SNAP_LENGTH)
                .putInt(PcapDescriptor.LINK_TYPE_OFFSET, PcapDescriptor.LINK_TYPE_ETHERNET)
                .array();
    }

    private static PcapException cannotWrite(Path target, IOException e) {
        return new PcapException(target + ": cannot be written: " + e.getMessage(), e);
    }
}
