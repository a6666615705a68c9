package io.l4lb.testing;

import io.l4lb.net.IpAddress;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Makes valid frames by hand, all checksums right; written from the RFCs, not with the descriptors of the pipeline. */
public final class PacketBuilder {
    public static final int FIN = 1;
    public static final int SYN = 2;
    public static final int RST = 4;
    public static final int ACK = 16;

    private static final int ICMP = 1;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ICMPV6 = 58;

    /** Keeps its type in its first byte until the packet is built. */
    private static int typeOf(byte[] extension) {
        return extension[0] & 0xff;
    }

    private final IpAddress source;
    private final IpAddress destination;
    private final int protocol;
    private final List<Integer> tags = new ArrayList<>();
    private final List<byte[]> extensions = new ArrayList<>();
    private byte[] l4Header;
    private byte[] payload = new byte[0];
    private byte[] options = new byte[0];
    private int trafficClass;
    private int fragment;
    private int paddedBytes;

    private PacketBuilder(String source, String destination, int protocol, byte[] l4Header) {
        this.source = IpAddress.parse(source).orElseThrow();
        this.destination = IpAddress.parse(destination).orElseThrow();
        this.protocol = protocol;
        this.l4Header = l4Header;
    }

    public static PacketBuilder tcp(String source, int sourceL4Port, String destination, int l4Port, int flags) {
        byte[] header = ByteBuffer.allocate(20)
                .putShort((short) sourceL4Port)
                .putShort((short) l4Port)
                .putInt(1)
                .putInt(2)
                .put((byte) 0x50)
                .put((byte) flags)
                .putShort((short) 8192)
                .array();
        return new PacketBuilder(source, destination, TCP, header);
    }

    public static PacketBuilder udp(String source, int sourceL4Port, String destination, int l4Port) {
        byte[] header = ByteBuffer.allocate(8)
                .putShort((short) sourceL4Port)
                .putShort((short) l4Port)
                .array();
        return new PacketBuilder(source, destination, UDP, header);
    }

    /** An ICMP or ICMPv6 message, whichever the addresses are for. */
    public static PacketBuilder icmp(String source, String destination, int type, int code) {
        byte[] header = ByteBuffer.allocate(8)
                .put((byte) type)
                .put((byte) code)
                .putInt(4, 0x12340001)
                .array();
        return new PacketBuilder(source, destination, destination.contains(":") ? ICMPV6 : ICMP, header);
    }

    public static PacketBuilder echoRequest(String source, String destination) {
        return icmp(source, destination, destination.contains(":") ? 128 : 8, 0);
    }

    public static PacketBuilder ip(String source, String destination, int protocol) {
        return new PacketBuilder(source, destination, protocol, new byte[0]);
    }

    public PacketBuilder payload(int lengthBytes) {
        payload = new byte[lengthBytes];
        for (int i = 0; i < lengthBytes; i++) {
            payload[i] = (byte) (i * 7 + 1);
        }
        return this;
    }

    /** Those bytes, such as a packet that an ICMP error quotes. */
    public PacketBuilder payload(byte... bytes) {
        payload = bytes.clone();
        return this;
    }

    /** {@return the IP packet alone} */
    public byte[] packet() {
        byte[] frame = build();
        return java.util.Arrays.copyOfRange(frame, 14 + 4 * tags.size(), frame.length);
    }

    /** One more 802.1Q (0x8100) or 802.1ad (0x88a8, 0x9100) tag. */
    public PacketBuilder tag(int etherType, int control) {
        tags.add((etherType << 16) | control);
        return this;
    }

    /** So many no-operation options in the IPv4 header; a multiple of 4. */
    public PacketBuilder ipv4Options(int lengthBytes) {
        options = new byte[lengthBytes];
        java.util.Arrays.fill(options, (byte) 1);
        return this;
    }

    /** An IPv6 extension header of 8 bytes or more; next header and length are filled in. */
    public PacketBuilder extension(int type, int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        bytes[1] = (byte) (type == 44 ? 0 : type == 51 ? lengthBytes / 4 - 2 : lengthBytes / 8 - 1);
        bytes[0] = (byte) type;
        extensions.add(bytes);
        return this;
    }

    public PacketBuilder trafficClass(int value) {
        trafficClass = value;
        return this;
    }

    /** The second 16-bit word of IPv4's fragment fields, or of an IPv6 fragment header, which is then added. */
    public PacketBuilder fragment(int word) {
        fragment = word;
        if (destination.ipv6()) {
            extensions.add(ByteBuffer.allocate(8)
                    .put(0, (byte) 44)
                    .putShort(2, (short) word)
                    .array());
        }
        return this;
    }

    /** Ethernet padding up to a frame of that length. */
    public PacketBuilder padTo(int frameBytes) {
        paddedBytes = frameBytes;
        return this;
    }

    public byte[] build() {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.writeBytes(new byte[] {2, 0, 0, 0, 0, 0x11, 2, 0, 0, 0, 0, 0x22});
        tags.forEach(tag -> frame.writeBytes(ByteBuffer.allocate(4).putInt(tag).array()));
        int etherType = destination.ipv6() ? 0x86dd : 0x0800;
        frame.write(etherType >> 8);
        frame.write(etherType);
        byte[] l4 = l4();
        frame.writeBytes(destination.ipv6() ? ipv6(l4) : ipv4(l4));
        while (frame.size() < paddedBytes) {
            frame.write(0xee);
        }
        return frame.toByteArray();
    }

    private byte[] ipv4(byte[] l4) {
        int headerBytes = 20 + options.length;
        ByteBuffer packet = ByteBuffer.allocate(headerBytes + l4.length)
                .put((byte) (0x40 | headerBytes / 4))
                .put((byte) trafficClass)
                .putShort((short) (headerBytes + l4.length))
                .putShort((short) 0x4321)
                .putShort((short) fragment)
                .put((byte) 57)
                .put((byte) protocol)
                .putShort((short) 0)
                .put(source.bytes())
                .put(destination.bytes())
                .put(options)
                .put(l4);
        packet.putShort(10, (short) ~Sums.fold(Sums.words(packet.array(), 0, headerBytes)));
        return packet.array();
    }

    private byte[] ipv6(byte[] l4) {
        int extensionBytes =
                extensions.stream().mapToInt(header -> header.length).sum();
        ByteBuffer packet = ByteBuffer.allocate(40 + extensionBytes + l4.length)
                .putInt((6 << 28) | (trafficClass << 20) | 0x54321)
                .putShort((short) (extensionBytes + l4.length))
                .put((byte) (extensions.isEmpty() ? protocol : typeOf(extensions.getFirst())))
                .put((byte) 57)
                .put(source.bytes())
                .put(destination.bytes());
        for (int i = 0; i < extensions.size(); i++) {
            int next = i + 1 < extensions.size() ? typeOf(extensions.get(i + 1)) : protocol;
            packet.put((byte) next).put(extensions.get(i), 1, extensions.get(i).length - 1);
        }
        return packet.put(l4).array();
    }

    private byte[] l4() {
        ByteBuffer bytes = ByteBuffer.allocate(l4Header.length + payload.length)
                .put(l4Header)
                .put(payload);
        if (protocol == UDP) {
            bytes.putShort(4, (short) bytes.capacity());
        }
        int at = checksumOffset();
        if (at >= 0) {
            long sum = Sums.words(bytes.array(), 0, bytes.capacity()) + (protocol == ICMP ? 0 : pseudoHeader(bytes));
            bytes.putShort(at, (short) ~Sums.fold(sum));
        }
        return bytes.array();
    }

    private int checksumOffset() {
        return switch (protocol) {
            case TCP -> 16;
            case UDP -> 6;
            case ICMP, ICMPV6 -> 2;
            default -> -1;
        };
    }

    private long pseudoHeader(ByteBuffer l4) {
        int addressBytes = source.lengthBytes();
        return Sums.words(source.bytes(), 0, addressBytes)
                + Sums.words(destination.bytes(), 0, addressBytes)
                + protocol
                + l4.capacity();
    }
}
