package io.l4lb.node;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Classic little-endian captures of small TCP packets: what a node of the tests receives, and what it has sent over
 * ipip. A flow is known by the client's L4 port, a packet by its number in its payload.
 *
 * <pre>
 *  0  Ethernet   14   MACs, 0x0800
 * 14  IPv4       20   client to VIP
 * 34  TCP        20   an ACK, no checksum: nobody on the way looks at it
 * 54  number      4   of the packet
 * 58
 * </pre>
 */
final class FlowCapture {
    static final int ETHERNET_BYTES = 14;
    static final int IPV4_BYTES = 20;
    static final int INNER_BYTES = 44;
    static final int FRAME_BYTES = ETHERNET_BYTES + INNER_BYTES;
    static final String VIP = "198.51.100.1";
    static final int VIP_L4_PORT = 443;

    private static final int FILE_HEADER_BYTES = 24;
    private static final int RECORD_HEADER_BYTES = 16;
    private static final int MICROSECOND_MAGIC = 0xa1b2c3d4;
    private static final int ETHERNET_LINK = 1;
    private static final int CLIENT_ADDRESS = 0xc0000207;
    private static final int VIP_ADDRESS = 0xc6336401;
    private static final int IPV4_DESTINATION_OFFSET = 16;

    /**
     * A packet that has been encapsulated.
     *
     * @param backend destination of the outer header
     * @param flow source L4 port of the inner packet
     * @param inner the inner packet
     */
    record Sent(int backend, int flow, ByteBuffer inner) {}

    private FlowCapture() {}

    /** Writes {@code packetsPerFlow} packets of each flow, the flows taking turns. */
    static void write(Path file, List<Integer> flows, int packetsPerFlow) throws IOException {
        int count = flows.size() * packetsPerFlow;
        ByteBuffer out = ByteBuffer.allocate(FILE_HEADER_BYTES + count * (RECORD_HEADER_BYTES + FRAME_BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(MICROSECOND_MAGIC).putShort((short) 2).putShort((short) 4).putLong(0);
        out.putInt(65_535).putInt(ETHERNET_LINK);
        for (int number = 0; number < count; number++) {
            out.putInt(0).putInt(number).putInt(FRAME_BYTES).putInt(FRAME_BYTES);
            out.put(frame(flows.get(number % flows.size()), number));
        }
        Files.write(file, out.array());
    }

    private static byte[] frame(int flow, int number) {
        ByteBuffer frame = ByteBuffer.allocate(FRAME_BYTES);
        frame.put(new byte[] {2, 'p', 'c', 'a', 'p', 0, 2, 0, 0, 0, 0, 9}).putShort((short) 0x0800);
        frame.put(inner(flow, number));
        return frame.array();
    }

    /** {@return the packet with that number of that flow, as the client has sent it} */
    static ByteBuffer inner(int flow, int number) {
        ByteBuffer packet = ByteBuffer.allocate(INNER_BYTES);
        packet.putShort((short) 0x4500).putShort((short) INNER_BYTES).putInt(0x4000);
        packet.putShort((short) 0x4006)
                .putShort((short) 0)
                .putInt(CLIENT_ADDRESS)
                .putInt(VIP_ADDRESS);
        packet.putShort((short) flow)
                .putShort((short) VIP_L4_PORT)
                .putLong(0)
                .putInt(0x5010_0400)
                .putInt(0);
        packet.putInt(number);
        packet.putShort(10, (short) ~sum(packet));
        return packet.flip();
    }

    /** {@return the ones' complement sum of the first IPv4 header} */
    static int sum(ByteBuffer packet) {
        int sum = 0;
        for (int at = 0; at < IPV4_BYTES; at += Short.BYTES) {
            sum += packet.getShort(at) & 0xffff;
        }
        return (sum & 0xffff) + (sum >>> Short.SIZE);
    }

    /** Reads what a node has sent; a frame that is no sound ipip packet is an error. */
    static List<Sent> read(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        in.position(FILE_HEADER_BYTES);
        List<Sent> sent = new ArrayList<>();
        while (in.hasRemaining()) {
            int lengthBytes = in.getInt(in.position() + 2 * Integer.BYTES);
            in.position(in.position() + RECORD_HEADER_BYTES);
            byte[] frame = new byte[lengthBytes];
            in.get(frame);
            sent.add(sent(frame));
        }
        return sent;
    }

    private static Sent sent(byte... frame) {
        ByteBuffer outer = ByteBuffer.wrap(frame).position(ETHERNET_BYTES).slice();
        if (frame.length != FRAME_BYTES + IPV4_BYTES || outer.get(9) != 4 || sum(outer) != 0xffff) {
            throw new AssertionError("not an ipip packet of ours: " + Arrays.toString(frame));
        }
        ByteBuffer inner = outer.position(IPV4_BYTES).slice();
        return new Sent(outer.getInt(IPV4_DESTINATION_OFFSET), inner.getShort(IPV4_BYTES) & 0xffff, inner);
    }
}
