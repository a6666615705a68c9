package io.l4lb.bench.jmh;

import io.l4lb.counters.WorkerCounter;
import io.l4lb.dpdk.Memory;
import io.l4lb.net.IpAddress;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Ways that packets take besides that of a plain flow's, and a frame of each. Checksums are left out: the node does not look at them.
 */
enum SlowPath {
    /** None: a plain flow's packet, to compare with. */
    PLAIN(WorkerCounter.FLOW_HITS, 1),
    STATELESS(WorkerCounter.FLOW_STATELESS, 1),
    ECHO(WorkerCounter.ECHO_REPLIES, 1),
    ICMP_ERROR(WorkerCounter.ICMP_ERRORS, 1),
    PORT_UNREACHABLE(WorkerCounter.PORT_UNREACHABLE_REPLIES, 1),
    TOO_BIG(WorkerCounter.TOO_BIG_REPLIES, 1),
    /** IPv4 without DF; in a tunnel of the family. */
    OUTER_FRAGMENTS(WorkerCounter.OUTER_FRAGMENTS, 2),
    /** In turn the first and the last of a datagram. */
    FRAGMENTS(WorkerCounter.FRAGMENTS, 1);

    static final int VIP_L4_PORT = 443;
    static final int STATELESS_L4_PORT = 53;
    static final int CLIENT_L4_PORT = 40_000;
    static final IpAddress VIP_IPV4 = IpAddress.ipv4(0xc6_33_64_01);
    static final IpAddress VIP_IPV6 = IpAddress.ipv6(0x2001_0db8_ffff_0000L, 1);

    private static final int UNSERVED_L4_PORT = 33_434;
    private static final int PAYLOAD_BYTES = 24;
    private static final int ECHO_BYTES = 56;
    private static final int LARGE_BYTES = 1_453;
    private static final int LINK_BYTES = EthernetDescriptor.LENGTH_BYTES;

    private final WorkerCounter counter;
    private final int sent;

    SlowPath(WorkerCounter counter, int sent) {
        this.counter = counter;
        this.sent = sent;
    }

    /** {@return what counts its packets, one by one} */
    WorkerCounter counter() {
        return counter;
    }

    /** {@return how many frames leave for a packet} */
    int sent() {
        return sent;
    }

    /** {@return the frame number {@code i}: each is of a client of another source prefix} */
    byte[] frame(int i, boolean ipv6) {
        IpAddress client = ipv6
                ? IpAddress.ipv6(0x2001_0db8_0000_0000L | (long) i << 16, 7)
                : IpAddress.ipv4(0x0a_01_00_07 | i << 8);
        IpAddress vip = ipv6 ? VIP_IPV6 : VIP_IPV4;
        return switch (this) {
            case PLAIN -> ip(client, vip, L4Descriptor.UDP, udp(CLIENT_L4_PORT, VIP_L4_PORT, PAYLOAD_BYTES));
            case STATELESS -> ip(client, vip, L4Descriptor.UDP, udp(CLIENT_L4_PORT, STATELESS_L4_PORT, PAYLOAD_BYTES));
            case PORT_UNREACHABLE ->
                ip(client, vip, L4Descriptor.UDP, udp(CLIENT_L4_PORT, UNSERVED_L4_PORT, PAYLOAD_BYTES));
            case ECHO -> ip(client, vip, icmpOf(ipv6), icmp(ipv6 ? 128 : 8, new byte[ECHO_BYTES]));
            case ICMP_ERROR -> {
                byte[] answer = ip(vip, client, L4Descriptor.UDP, udp(VIP_L4_PORT, CLIENT_L4_PORT, 0));
                byte[] quote = Arrays.copyOfRange(answer, LINK_BYTES, answer.length);
                yield ip(client, vip, icmpOf(ipv6), icmp(ipv6 ? 1 : 3, quote));
            }
            case TOO_BIG ->
                dontFragment(ip(client, vip, L4Descriptor.UDP, udp(CLIENT_L4_PORT, VIP_L4_PORT, LARGE_BYTES)));
            case OUTER_FRAGMENTS ->
                ip(
                        IpAddress.ipv4(0x0a_01_00_07 | i << 8),
                        VIP_IPV4,
                        L4Descriptor.UDP,
                        udp(CLIENT_L4_PORT, VIP_L4_PORT, LARGE_BYTES));
            case FRAGMENTS -> fragment(PLAIN.frame(i & ~1, ipv6), (i & 1) == 0);
        };
    }

    /** Writes the datagram's identification into a frame of {@link #FRAGMENTS}. */
    static void identify(long frame, boolean ipv6, int identification) {
        if (ipv6) {
            Memory.putInt(frame + LINK_BYTES + Ipv6Descriptor.LENGTH_BYTES + Integer.BYTES, identification);
        } else {
            Memory.putShort(frame + LINK_BYTES + Ipv4Descriptor.IDENTIFICATION_OFFSET, (short) identification);
        }
    }

    private static int icmpOf(boolean ipv6) {
        return ipv6 ? L4Descriptor.ICMPV6 : L4Descriptor.ICMP;
    }

    private static byte[] udp(int sourceL4Port, int l4Port, int payloadBytes) {
        int length = L4Descriptor.UDP_LENGTH_BYTES + payloadBytes;
        ByteBuffer l4 = ByteBuffer.allocate(length).putShort((short) sourceL4Port);
        return l4.putShort((short) l4Port).putShort((short) length).array();
    }

    private static byte[] icmp(int type, byte... data) {
        return ByteBuffer.allocate(L4Descriptor.ICMP_LENGTH_BYTES + data.length)
                .put((byte) type)
                .put(L4Descriptor.ICMP_LENGTH_BYTES, data)
                .array();
    }

    private static byte[] dontFragment(byte... frame) {
        if (frame[LINK_BYTES] >> 4 == Ipv4Descriptor.VERSION) {
            frame[LINK_BYTES + Ipv4Descriptor.FRAGMENT_OFFSET] = (byte) Ipv4Descriptor.DONT_FRAGMENT_BE;
        }
        return frame;
    }

    /** The whole datagram's bytes twice: as its beginning, and behind that. */
    private static byte[] fragment(byte[] whole, boolean first) {
        boolean ipv6 = whole[LINK_BYTES] >> 4 == Ipv6Descriptor.VERSION;
        if (!ipv6) {
            int field = first ? Ipv4Descriptor.MORE_FRAGMENTS : (PAYLOAD_BYTES + L4Descriptor.UDP_LENGTH_BYTES) >> 3;
            ByteBuffer.wrap(whole).putShort(LINK_BYTES + Ipv4Descriptor.FRAGMENT_OFFSET, (short) field);
            return whole;
        }
        int head = LINK_BYTES + Ipv6Descriptor.LENGTH_BYTES;
        ByteBuffer frame = ByteBuffer.allocate(whole.length + Long.BYTES);
        frame.put(whole, 0, head).put((byte) L4Descriptor.UDP).put((byte) 0);
        frame.putShort((short) (first ? Ipv6Descriptor.MORE_FRAGMENTS : PAYLOAD_BYTES + L4Descriptor.UDP_LENGTH_BYTES));
        frame.putInt(0).put(whole, head, whole.length - head);
        frame.put(LINK_BYTES + Ipv6Descriptor.NEXT_HEADER_OFFSET, (byte) Ipv6Descriptor.FRAGMENT);
        return frame.putShort(
                        LINK_BYTES + Ipv6Descriptor.PAYLOAD_LENGTH_OFFSET, (short) (whole.length - head + Long.BYTES))
                .array();
    }

    private static byte[] ip(IpAddress source, IpAddress destination, int protocol, byte... l4) {
        boolean ipv6 = source.ipv6();
        int head = ipv6 ? Ipv6Descriptor.LENGTH_BYTES : Ipv4Descriptor.LENGTH_BYTES;
        ByteBuffer frame =
                ByteBuffer.allocate(LINK_BYTES + head + l4.length).position(EthernetDescriptor.ETHER_TYPE_OFFSET);
        if (ipv6) {
            frame.putShort(Short.reverseBytes((short) EthernetDescriptor.ETHER_TYPE_IPV6_BE));
            frame.putInt(Ipv6Descriptor.VERSION << 28).putShort((short) l4.length);
            frame.put((byte) protocol).put((byte) 64);
        } else {
            frame.putShort(Short.reverseBytes((short) EthernetDescriptor.ETHER_TYPE_IPV4_BE));
            frame.put((byte) Ipv4Descriptor.VERSION_IHL_PLAIN).put((byte) 0).putShort((short) (head + l4.length));
            frame.putInt(0).put((byte) 64).put((byte) protocol).putShort((short) 0);
        }
        return frame.put(source.bytes()).put(destination.bytes()).put(l4).array();
    }
}
