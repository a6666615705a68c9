package io.l4lb.dpdk.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes classic little-endian pcap files of Ethernet frames with microsecond time stamps; reads these and the ones
 * with nanoseconds, which DPDK's net_pcap writes.
 */
public final class PcapFile {
    private static final int MAGIC = 0xa1b2c3d4;
    private static final int NANOSECOND_MAGIC = 0xa1b23c4d;
    private static final int FILE_HEADER_BYTES = 24;
    private static final int RECORD_HEADER_BYTES = 16;
    private static final int ETHERNET = 1;

    /** One packet; the frame is nobody's to change. */
    @SuppressWarnings("ArrayRecordComponent") // compared by content in the tests, never by equals
    public record Packet(long timeUs, byte[] frame) {}

    private PcapFile() {}

    public static void write(Path file, List<Packet> packets) throws IOException {
        int lengthBytes = packets.stream()
                .mapToInt(packet -> RECORD_HEADER_BYTES + packet.frame().length)
                .sum();
        ByteBuffer out = ByteBuffer.allocate(FILE_HEADER_BYTES + lengthBytes).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(MAGIC)
                .putShort((short) 2)
                .putShort((short) 4)
                .putLong(0)
                .putInt(65535)
                .putInt(ETHERNET);
        for (Packet packet : packets) {
            out.putInt((int) (packet.timeUs() / 1_000_000)).putInt((int) (packet.timeUs() % 1_000_000));
            out.putInt(packet.frame().length).putInt(packet.frame().length).put(packet.frame());
        }
        Files.write(file, out.array());
    }

    public static List<Packet> read(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int magic = in.getInt(0);
        if (magic != MAGIC && magic != NANOSECOND_MAGIC) {
            throw new IOException(file + " is not a classic little-endian pcap");
        }
        int fractionsPerUs = magic == MAGIC ? 1 : 1000;
        List<Packet> packets = new ArrayList<>();
        in.position(FILE_HEADER_BYTES);
        while (in.hasRemaining()) {
            long timeUs = in.getInt() * 1_000_000L + in.getInt() / fractionsPerUs;
            byte[] frame = new byte[in.getInt()];
            in.getInt();
            in.get(frame);
            packets.add(new Packet(timeUs, frame));
        }
        return packets;
    }
}
