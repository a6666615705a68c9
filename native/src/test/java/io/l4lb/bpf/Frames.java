package io.l4lb.bpf;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/** Frames for the tests, built field by field after the RFCs, with nothing shared with what is tested. */
final class Frames {
    static final int IPV4 = 0x0800;
    static final int IPV6 = 0x86dd;
    static final int PROTOCOL_IPV4 = 4;
    static final int PROTOCOL_TCP = 6;
    static final int PROTOCOL_UDP = 17;
    static final int PROTOCOL_IPV6 = 41;
    static final int PROTOCOL_GRE = 47;

    private static final byte[] MACS = hex("02980000002102980000 0001");
    private static final byte[] TCP = hex("9c40 0050 00000001 00000002 5018 ffff 1234 0000");
    private static final byte[] REQUEST = "GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII);

    private Frames() {}

    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] ethernet(int etherType, byte[] payload) {
        return join(MACS, hex("%04x".formatted(etherType)), payload);
    }

    /** {@return an Ethernet frame that holds the IP packet} */
    static byte[] frameOf(byte[] ipPacket) {
        return ethernet(ipPacket[0] >> 4 == 6 ? IPV6 : IPV4, ipPacket);
    }

    /** An IPv4 packet; {@code options} in whole words, {@code fragment} the 16 bits of flags and offset. */
    static byte[] ipv4(int protocol, int trafficClass, int fragment, byte[] options, byte[] payload) {
        byte[] header = join(
                hex("%02x%02x%04x 0000 %04x 40%02x 0000 0a62010b 0a620115"
                        .formatted(
                                0x45 + options.length / 4,
                                trafficClass,
                                20 + options.length + payload.length,
                                fragment,
                                protocol)),
                options);
        int checksum = checksum(header);
        header[10] = (byte) (checksum >> 8);
        header[11] = (byte) checksum;
        return join(header, payload);
    }

    static byte[] ipv6(int nextHeader, int trafficClass, byte[] payload) {
        return join(
                hex("6%02x12345 %04x %02x 40 fd980001000000000000000000000011 fd980001000000000000000000000021"
                        .formatted(trafficClass, payload.length, nextHeader)),
                payload);
    }

    static byte[] outer(boolean ipv6, int protocol, int trafficClass, byte[] payload) {
        return ipv6 ? ipv6(protocol, trafficClass, payload) : ipv4(protocol, trafficClass, 0x4000, hex(""), payload);
    }

    /** {@return a client's TCP segment, as an IP packet} */
    static byte[] inner(boolean ipv6, int trafficClass) {
        return outer(ipv6, PROTOCOL_TCP, trafficClass, join(TCP, REQUEST));
    }

    static byte[] udp(int destinationL4Port, byte[] payload) {
        return join(hex("c123 %04x %04x 0000".formatted(destinationL4Port, 8 + payload.length)), payload);
    }

    static int protocolOf(byte[] ipPacket) {
        return ipPacket[0] >> 4 == 6 ? PROTOCOL_IPV6 : PROTOCOL_IPV4;
    }

    /** RFC 1071, over whole 16-bit words; 0 over a header whose checksum is right. */
    static int checksum(byte[] header) {
        int sum = 0;
        for (int i = 0; i < header.length; i += 2) {
            sum += (header[i] & 0xff) << 8 | (header[i + 1] & 0xff);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return ~sum & 0xffff;
    }
}
