package io.l4lb.bench.contender;

import io.l4lb.bench.shape.BenchSite;
import io.l4lb.net.IpAddress;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * A capture of TCP flows, no two alike, in an order that no hardware prefetcher can guess.
 *
 * <p>Client addresses and ports are a permutation of the frame's number, so that any number of flows is distinct without
 * remembering them. The same arguments give the same bytes.
 */
public final class FlowCapture {
    /** 40 bits: 24 of a client address in 10.0.0.0/8 and 16 of its port. */
    private static final long CLIENT_MASK = (1L << 40) - 1;

    private static final int CLIENT_IPV4 = 10 << 24;
    private static final long CLIENT_IPV6_HIGH = 0x2001_0db8_0000_0000L;
    private static final int CLIENT_PORT_MIN = 1024;
    private static final int PCAP_MAGIC = 0xa1b2c3d4;
    private static final int PCAP_FILE_HEADER_BYTES = 24;
    private static final int PCAP_RECORD_HEADER_BYTES = 16;
    private static final int LINK_TYPE_ETHERNET = 1;
    private static final int WINDOW = 1024;

    private final boolean ipv6;
    private final int vips;
    private final ByteBuffer record;
    private final int l3Length;

    private FlowCapture(boolean ipv6, int vips, int frameBytes) {
        this.ipv6 = ipv6;
        this.vips = vips;
        int length = frameBytes(ipv6, frameBytes);
        this.record = ByteBuffer.allocate(PCAP_RECORD_HEADER_BYTES + length);
        this.l3Length = length - EthernetDescriptor.LENGTH_BYTES;
    }

    /** {@return the length of frames that are asked to be of that length: what the headers need, at least} */
    public static int frameBytes(boolean ipv6, int wanted) {
        int headers = EthernetDescriptor.LENGTH_BYTES
                + (ipv6 ? Ipv6Descriptor.LENGTH_BYTES : Ipv4Descriptor.LENGTH_BYTES)
                + L4Descriptor.TCP_LENGTH_BYTES;
        return Math.max(wanted, headers);
    }

    /** {@return a capture of one packet from the middle of that many flows} */
    public static Path of(Path directory, int flows, boolean ipv6, int vips, int frameBytes) throws IOException {
        return of(directory, flows, FlowPackets.MIDDLE, ipv6, vips, frameBytes);
    }

    /** {@return a capture of that many frames to those VIPs in {@code directory}, made unless it is there} */
    public static Path of(Path directory, int frames, FlowPackets packets, boolean ipv6, int vips, int frameBytes)
            throws IOException {
        int length = frameBytes(ipv6, frameBytes);
        String name = "flows-%s-%s-%d-vips-%d-bytes-%d.pcap"
                .formatted(packets.name().toLowerCase(Locale.ROOT), ipv6 ? "ipv6" : "ipv4", frames, vips, length);
        Path file = directory.resolve(name);
        if (!Files.exists(file)) {
            Files.createDirectories(directory);
            Path unfinished = Files.createTempFile(directory, name, null);
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(unfinished), 1 << 20)) {
                new FlowCapture(ipv6, vips, frameBytes).write(frames / packets.each(), packets, out);
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        }
        return file;
    }

    private void write(int flows, FlowPackets packets, OutputStream out) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(PCAP_FILE_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(PCAP_MAGIC).putShort((short) 2).putShort((short) 4).putLong(0);
        out.write(header.putInt(0xffff).putInt(LINK_TYPE_ETHERNET).array());
        for (int packet = 0; packet < packets.each(); packet++) {
            write(flows, packets.flags(packet), out);
        }
    }

    private void write(int flows, int flags, OutputStream out) throws IOException {
        long number = 0;
        for (int written = 0; written < flows; number++) {
            long client = permute(number);
            if ((client & 0xffff) >= CLIENT_PORT_MIN) {
                fill(client, (int) (permute(~number & CLIENT_MASK) % vips), flags);
                out.write(record.array());
                written++;
            }
        }
    }

    /** A bijection of 40 bits: odd multiplications and shifts, each invertible. */
    private static long permute(long value) {
        long z = (value * 0x9e3779b97fL + 0x3c6ef372fL) & CLIENT_MASK;
        z = ((z ^ (z >>> 21)) * 0xd1b54a32d9L) & CLIENT_MASK;
        z = ((z ^ (z >>> 17)) * 0xaef17502b5L) & CLIENT_MASK;
        return z ^ (z >>> 20);
    }

    private void fill(long client, int vip, int flags) {
        int frameLength = record.capacity() - PCAP_RECORD_HEADER_BYTES;
        record.clear();
        record.order(ByteOrder.LITTLE_ENDIAN).putLong(0).putInt(frameLength).putInt(frameLength);
        record.order(ByteOrder.BIG_ENDIAN).put(BenchSite.ETH_PORT_MAC.bytes()).put(BenchSite.CLIENT_MAC.bytes());
        IpAddress to = BenchSite.vip(ipv6, vip);
        if (ipv6) {
            ipv6Header(client, to);
        } else {
            ipv4Header(client, to);
        }
        int l4 = record.position();
        record.putShort((short) client).putShort((short) BenchSite.VIP_L4_PORT);
        record.putInt(1)
                .putInt(1)
                .put((byte) 0x50)
                .put((byte) flags)
                .putShort((short) WINDOW)
                .putInt(0);
        int addresses = 2 * to.lengthBytes();
        int l4Length = frameLength + PCAP_RECORD_HEADER_BYTES - l4;
        long pseudo = sum(l4 - addresses, addresses) + io.l4lb.net.Protocol.TCP.number() + l4Length;
        record.putShort(l4 + 16, (short) ~fold(pseudo + sum(l4, l4Length)));
    }

    private void ipv4Header(long client, IpAddress to) {
        record.putShort((short) 0x0800);
        int l3 = record.position();
        record.put((byte) Ipv4Descriptor.VERSION_IHL_PLAIN)
                .put((byte) 0)
                .putShort((short) l3Length)
                .putShort((short) 0);
        record.putShort((short) 0x4000)
                .put((byte) 64)
                .put((byte) L4Descriptor.TCP)
                .putShort((short) 0);
        record.putInt(CLIENT_IPV4 | (int) (client >>> 16)).put(to.bytes());
        record.putShort(l3 + Ipv4Descriptor.CHECKSUM_OFFSET, (short) ~fold(sum(l3, Ipv4Descriptor.LENGTH_BYTES)));
    }

    /** The client's 24 bits decide all of its interface identifier. */
    private void ipv6Header(long client, IpAddress to) {
        record.putShort((short) 0x86dd).putInt(Ipv6Descriptor.VERSION << 28);
        record.putShort((short) (l3Length - Ipv6Descriptor.LENGTH_BYTES))
                .put((byte) L4Descriptor.TCP)
                .put((byte) 64);
        record.putLong(CLIENT_IPV6_HIGH)
                .putLong((client >>> 16) * 0x9e3779b97f4a7c15L)
                .put(to.bytes());
    }

    private long sum(int from, int length) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (long) (record.get(from + i) & 0xff) << ((i & 1) == 0 ? 8 : 0);
        }
        return sum;
    }

    private static int fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) folded;
    }
}
