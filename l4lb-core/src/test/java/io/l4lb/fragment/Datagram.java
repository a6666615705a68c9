package io.l4lb.fragment;

import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.Sums;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A whole IP packet, and frames with parts of it as a sender's stack would cut them; written from the RFCs. */
final class Datagram {
    private final byte[] packet;
    private final boolean ipv6;
    private final int headerBytes;
    private final int id;

    /** {@code packet}: without options and extension headers. */
    Datagram(byte[] packet, int id) {
        this.packet = packet.clone();
        this.id = id;
        ipv6 = packet[0] >> 4 == 6;
        headerBytes = ipv6 ? 40 : 20;
    }

    static Datagram udp(String client, int l4Port, String vip, int payloadBytes, int id) {
        return new Datagram(
                PacketBuilder.udp(client, l4Port, vip, 53).payload(payloadBytes).packet(), id);
    }

    /** {@return the bytes behind the IP header} */
    byte[] data() {
        return Arrays.copyOfRange(packet, headerBytes, packet.length);
    }

    int dataBytes() {
        return packet.length - headerBytes;
    }

    /** {@return the frames of all fragments}, each of at most that many bytes, a multiple of 8 */
    List<byte[]> cut(int bytes) {
        List<byte[]> frames = new ArrayList<>();
        for (int from = 0; from < dataBytes(); from += bytes) {
            frames.add(part(from, Math.min(from + bytes, dataBytes())));
        }
        return frames;
    }

    /** {@return the fragment with the bytes of the data from there to there} */
    byte[] part(int from, int to) {
        return fragment(from, Arrays.copyOfRange(packet, headerBytes + from, headerBytes + to), to < dataBytes());
    }

    /** {@return a fragment with other bytes, wherever it is said to be} */
    byte[] fragment(int offset, byte[] data, boolean more) {
        return ipv6 ? ipv6(offset, data, more) : ipv4(offset, data, more);
    }

    private byte[] ipv4(int offset, byte[] data, boolean more) {
        byte[] frame = frame(20 + data.length, 0x0800);
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        bytes.put(14, packet, 0, 20).put(14 + 20, data);
        bytes.putShort(14 + 2, (short) (20 + data.length)).putShort(14 + 4, (short) id);
        bytes.putShort(14 + 6, (short) (offset / 8 | (more ? 0x2000 : 0))).putShort(14 + 10, (short) 0);
        bytes.putShort(14 + 10, (short) ~Sums.fold(Sums.words(frame, 14, 20)));
        return frame;
    }

    private byte[] ipv6(int offset, byte[] data, boolean more) {
        byte[] frame = frame(48 + data.length, 0x86dd);
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        bytes.put(14, packet, 0, 40).put(14 + 40, packet[6]).putShort(14 + 42, (short) (offset | (more ? 1 : 0)));
        bytes.putInt(14 + 44, id).put(14 + 48, data);
        bytes.putShort(14 + 4, (short) (8 + data.length)).put(14 + 6, (byte) 44);
        return frame;
    }

    private static byte[] frame(int packetBytes, int etherType) {
        byte[] frame = new byte[14 + packetBytes];
        ByteBuffer.wrap(frame)
                .put(new byte[] {2, 0, 0, 0, 0, 0x11, 2, 0, 0, 0, 0, 0x22})
                .putShort((short) etherType);
        return frame;
    }
}
