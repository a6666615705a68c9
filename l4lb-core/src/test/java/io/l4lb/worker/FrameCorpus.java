package io.l4lb.worker;

import static io.l4lb.testing.PacketBuilder.ACK;
import static io.l4lb.testing.PacketBuilder.FIN;
import static io.l4lb.testing.PacketBuilder.RST;
import static io.l4lb.testing.PacketBuilder.SYN;

import io.l4lb.testing.PacketBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Valid frames of every kind for {@link io.l4lb.testing.TestConfig#ofEveryKind}: what mutations start from. */
final class FrameCorpus {
    private static final String CLIENT4 = "203.0.113.7";
    private static final String CLIENT6 = "2001:db8:c::7";
    private static final String[] VIPS4 = {"198.51.100.1", "198.51.100.2", "198.51.100.3"};
    private static final String[] VIPS6 = {"2001:db8:f::1", "2001:db8:f::2", "2001:db8:f::3"};

    private FrameCorpus() {}

    private static final int DONT_FRAGMENT = 0x4000;

    static List<byte[]> all() {
        List<PacketBuilder> packets = new ArrayList<>();
        for (int i = 0; i < VIPS4.length; i++) {
            addFamily(packets, CLIENT4, VIPS4[i]);
            addFamily(packets, CLIENT6, VIPS6[i]);
        }
        for (int cut : new int[] {0, 12, 20}) {
            addErrors(packets, CLIENT4, VIPS4, cut);
            addErrors(packets, CLIENT6, VIPS6, cut);
        }
        addTunnelErrors(packets);
        addFamily(packets, CLIENT4, "198.51.100.99");
        addFamily(packets, CLIENT6, "2001:db8:f::99");
        addIpv4(packets);
        addIpv6(packets);
        List<byte[]> frames = new ArrayList<>();
        packets.forEach(packet -> frames.add(packet.build()));
        frames.add(ethernet(0x0806, 28)); // ARP
        frames.add(ethernet(0x88cc, 40)); // LLDP
        frames.add(ethernet(38, 38)); // LLC: a length, not a type
        return frames;
    }

    private static void addFamily(List<PacketBuilder> packets, String client, String vip) {
        for (int flags : new int[] {SYN, ACK, FIN | ACK, RST}) {
            packets.add(PacketBuilder.tcp(client, 40_000, vip, 443, flags).payload(11));
        }
        packets.add(PacketBuilder.tcp(client, 40_000, vip, 81, ACK).tag(0x8100, 5));
        packets.add(PacketBuilder.tcp(client, 40_000, vip, 8080, ACK).padTo(80));
        packets.add(
                PacketBuilder.tcp(client, 40_000, vip, 443, ACK).payload(1380).trafficClass(0xb9));
        packets.add(PacketBuilder.udp(client, 40_000, vip, 53).payload(9).trafficClass(0x03));
        packets.add(PacketBuilder.udp(client, 40_000, vip, 53)
                .payload(30)
                .tag(0x88a8, 7)
                .tag(0x8100, 5));
        packets.add(PacketBuilder.udp(client, 40_000, vip, 9).padTo(60));
        packets.add(PacketBuilder.udp(client, 40_000, vip, 53).payload(1440));
        if (!client.contains(":")) {
            byte[] large =
                    PacketBuilder.udp(vip, 53, client, 40_000).payload(1440).packet();
            packets.add(PacketBuilder.icmp(client, vip, 3, 0).payload(large).fragment(DONT_FRAGMENT));
            PacketBuilder whole =
                    PacketBuilder.udp(client, 40_000, vip, 53).payload(1440).fragment(DONT_FRAGMENT);
            packets.add(whole);
            packets.add(whole.tag(0x8100, 9));
        }
        packets.add(PacketBuilder.echoRequest(client, vip).payload(56));
        packets.add(PacketBuilder.echoRequest(client, vip).payload(3).tag(0x8100, 9));
        packets.add(PacketBuilder.icmp(client, vip, 3, 4).payload(28));
        packets.add(PacketBuilder.icmp(client, vip, 135, 0).payload(20));
        packets.add(PacketBuilder.ip(client, vip, 132).payload(20)); // SCTP
        packets.add(PacketBuilder.tcp(client, 40_000, vip, 443, ACK)
                .tag(0x9100, 1)
                .tag(0x8100, 2)
                .tag(0x8100, 3));
    }

    /** ICMP errors that quote all of a packet but {@code cut} bytes: from a VIP, to a VIP, of neither, and of no flow. */
    private static void addErrors(List<PacketBuilder> packets, String client, String[] vips, int cut) {
        int[] types = client.contains(":") ? new int[] {1, 2, 3, 4} : new int[] {3, 4, 5, 11, 12};
        for (int i = 0; i < types.length; i++) {
            String vip = vips[i % vips.length];
            List<PacketBuilder> quoted = List.of(
                    PacketBuilder.tcp(vip, 443, client, 40_000, ACK),
                    PacketBuilder.udp(vip, 53, client, 40_000).payload(12),
                    PacketBuilder.tcp(client, 40_000, vip, 443, ACK),
                    PacketBuilder.tcp(vip, 442, client, 40_000, ACK),
                    PacketBuilder.udp(vip, 53, client, 40_000).payload(40).fragment(client.contains(":") ? 1 : 0x2000),
                    PacketBuilder.udp(vip, 53, client, 40_000).payload(40).fragment(0x0100),
                    PacketBuilder.echoRequest(vip, client).payload(12));
            for (PacketBuilder each : quoted) {
                byte[] packet = each.packet();
                packets.add(PacketBuilder.icmp(client, vip, types[i], 0)
                        .payload(Arrays.copyOf(packet, packet.length - cut)));
            }
        }
    }

    /** Of routers on the way to a backend, about ipip: two that clients are told of, two that they are not. */
    private static void addTunnelErrors(List<PacketBuilder> packets) {
        byte[] inner4 = PacketBuilder.tcp(CLIENT4, 40_000, VIPS4[0], 443, ACK)
                .payload(40)
                .packet();
        byte[] inner6 = PacketBuilder.tcp(CLIENT6, 40_000, VIPS6[0], 443, ACK)
                .payload(40)
                .packet();
        for (int word : new int[] {0x0301, 0x0b00, 0x0303, 0x0c00}) {
            for (byte[] inner : List.of(inner4, inner6)) {
                byte[] outer = PacketBuilder.ip("192.0.2.1", "10.0.0.11", inner[0] >> 4 == 4 ? 4 : 41)
                        .payload(inner)
                        .fragment(DONT_FRAGMENT)
                        .packet();
                outer[4] = 0; // the identification
                outer[5] = 0;
                packets.add(PacketBuilder.icmp("192.0.2.254", "192.0.2.1", word >> 8, word & 0xff)
                        .payload(outer));
            }
        }
        for (int word : new int[] {0x0103, 0x0300, 0x0104, 0x0400}) {
            for (byte[] inner : List.of(inner4, inner6)) {
                byte[] outer = PacketBuilder.ip("2001:db8::1", "2001:db8:1::12", inner[0] >> 4 == 4 ? 4 : 41)
                        .payload(inner)
                        .packet();
                packets.add(PacketBuilder.icmp("2001:db8::fe", "2001:db8::1", word >> 8, word & 0xff)
                        .payload(outer));
            }
        }
    }

    private static void addIpv4(List<PacketBuilder> packets) {
        for (int optionBytes : new int[] {4, 20, 40}) {
            packets.add(PacketBuilder.tcp(CLIENT4, 40_000, VIPS4[0], 443, ACK).ipv4Options(optionBytes));
            packets.add(PacketBuilder.udp(CLIENT4, 40_000, VIPS4[0], 53).ipv4Options(optionBytes));
            packets.add(PacketBuilder.echoRequest(CLIENT4, VIPS4[0]).ipv4Options(optionBytes));
        }
        for (int fragment : new int[] {0x2000, 0x2002, 0x2010, 0x0010, 0x4000}) {
            packets.add(
                    PacketBuilder.udp(CLIENT4, 40_000, VIPS4[0], 53).payload(16).fragment(fragment));
            packets.add(PacketBuilder.echoRequest(CLIENT4, VIPS4[0]).payload(16).fragment(fragment));
        }
    }

    private static void addIpv6(List<PacketBuilder> packets) {
        for (int type : new int[] {0, 43, 51, 60, 135, 139, 140}) {
            packets.add(PacketBuilder.tcp(CLIENT6, 40_000, VIPS6[0], 443, ACK).extension(type, 16));
            packets.add(PacketBuilder.echoRequest(CLIENT6, VIPS6[0])
                    .extension(type, 8)
                    .extension(60, 24));
        }
        for (int count = 7; count <= 9; count++) {
            PacketBuilder packet = PacketBuilder.udp(CLIENT6, 40_000, VIPS6[0], 53);
            for (int i = 0; i < count; i++) {
                packet.extension(60, 8);
            }
            packets.add(packet);
        }
        for (int fragment : new int[] {0x0000, 0x0001, 0x0011, 0x0100, 0x0101}) {
            packets.add(
                    PacketBuilder.udp(CLIENT6, 40_000, VIPS6[0], 53).payload(16).fragment(fragment));
            packets.add(PacketBuilder.tcp(CLIENT6, 40_000, VIPS6[0], 443, ACK)
                    .extension(0, 8)
                    .fragment(fragment));
        }
    }

    private static byte[] ethernet(int type, int payloadBytes) {
        byte[] frame = new byte[14 + payloadBytes];
        frame[5] = 1;
        frame[12] = (byte) (type >> 8);
        frame[13] = (byte) type;
        return frame;
    }
}
