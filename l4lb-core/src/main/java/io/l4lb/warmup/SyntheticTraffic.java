package io.l4lb.warmup;

import io.l4lb.cid.ConnectionIdDescriptor;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;
import io.l4lb.packet.QuicDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Frames to warm up with: of established flows of the kinds that the node is configured for, and everything else that
 * somebody may send it, whole and damaged. Kinds that are not configured are left out: they would make the warm-up half as
 * long again. The same every time. One thread.
 */
final class SyntheticTraffic {
    static final int FRAME_BYTES_MAX = 256;
    private static final int FLOWS = 4096;
    private static final int KNOWN_FLOWS = 512;
    private static final int CLIENT_IPV4 = 10 << 24;
    private static final long CLIENT_IPV6 = 0x2001_0db8_0000_0003L;
    private static final int DAMAGED_BYTES_MAX = 4;
    private static final int FRAGMENTED = 16;
    private static final int FRAGMENT_BYTES = 48;
    /** Headers: what a damaged byte changes something in. */
    private static final int HEADER_BYTES = 80;

    private static final int QUIC_PAYLOAD_BYTES = 40;
    private static final int QUIC_ID_BYTES = 20;
    private static final int QUIC_ID_BYTES_MASK = 31;

    private static final int[] FLAGS = {
        L4Descriptor.TCP_ACK,
        L4Descriptor.TCP_ACK,
        L4Descriptor.TCP_SYN,
        L4Descriptor.TCP_FIN | L4Descriptor.TCP_ACK,
        L4Descriptor.TCP_RST
    };
    /** Echo request, unreachable, and one that is neither, of each family. */
    private static final int[] ICMP_TYPES = {L4Descriptor.ICMP_ECHO_REQUEST, 3, 9};

    private static final int[] ICMPV6_TYPES = {L4Descriptor.ICMPV6_ECHO_REQUEST, 1, 135};
    private static final int[] EXTENSIONS = {
        Ipv6Descriptor.HOP_BY_HOP, Ipv6Descriptor.FRAGMENT, Ipv6Descriptor.DESTINATION_OPTIONS
    };

    private final SyntheticSite site;
    private final List<TrafficKind> kinds;
    private final byte[][] established;
    private final byte[][] odd;
    private final byte[][] fragments;
    private final SplittableRandom random = new SplittableRandom(1);

    /**
     * @param kinds what packets to VIPs are of, one or more
     * @param withQuic whether there are packets that are routed by connection ID too
     */
    SyntheticTraffic(SyntheticSite site, List<TrafficKind> kinds, boolean withQuic) {
        this.site = site;
        this.kinds = List.copyOf(kinds);
        established = new byte[FLOWS][];
        for (int i = 0; i < FLOWS; i++) {
            established[i] = ofFlow(kinds.get(i % kinds.size()), random.nextInt(), L4Descriptor.TCP_ACK);
        }
        List<byte[]> frames = odd();
        if (withQuic) {
            addQuic(frames);
        }
        odd = frames.toArray(byte[][]::new);
        List<byte[]> parts = new ArrayList<>();
        for (int i = 0; i < FRAGMENTED; i++) {
            fragments(parts, kinds.get(i % kinds.size()), i);
        }
        fragments = parts.toArray(byte[][]::new);
    }

    /** {@return a packet of an established flow} */
    byte[] established() {
        return established[random.nextInt(FLOWS)];
    }

    /** {@return anything: flows of every kind that begin, go on and end, fragments, oddities, damaged frames} */
    byte[] anything() {
        int choice = random.nextInt(10);
        if (choice < 5) {
            return ofFlow(
                    kinds.get(random.nextInt(kinds.size())), random.nextInt(), FLAGS[random.nextInt(FLAGS.length)]);
        }
        if (choice < 7) {
            int flow = random.nextInt(KNOWN_FLOWS);
            return ofFlow(kinds.get(flow % kinds.size()), flow, FLAGS[random.nextInt(FLAGS.length)]);
        }
        if (choice == 7 && random.nextBoolean()) {
            return fragments[random.nextInt(fragments.length)];
        }
        byte[] frame = odd[random.nextInt(odd.length)];
        return choice == 7 ? frame : damaged(frame);
    }

    /** {@return a number from 1 to {@code max}} */
    int upTo(int max) {
        return 1 + random.nextInt(max);
    }

    private byte[] ofFlow(TrafficKind kind, int flow, int tcpFlags) {
        return SyntheticFrame.ofFlow(client(kind.ipv6(), flow), flow, site.vip(kind), kind.protocol(), tcpFlags);
    }

    private static IpAddress client(boolean ipv6, int flow) {
        return ipv6 ? IpAddress.ipv6(CLIENT_IPV6, flow) : IpAddress.ipv4(CLIENT_IPV4 | (flow >>> 8));
    }

    private List<byte[]> odd() {
        List<byte[]> frames = new ArrayList<>();
        for (TrafficKind kind : kinds) {
            IpAddress vip = site.vip(kind);
            IpAddress client = client(kind.ipv6(), frames.size());
            byte[] plain = ofFlow(kind, frames.size(), L4Descriptor.TCP_ACK);
            frames.add(plain);
            frames.add(SyntheticFrame.tagged(plain, EthernetDescriptor.ETHER_TYPE_VLAN_BE));
            frames.add(SyntheticFrame.tagged(
                    SyntheticFrame.tagged(plain, EthernetDescriptor.ETHER_TYPE_VLAN_BE),
                    EthernetDescriptor.ETHER_TYPE_QINQ_BE));
            frames.add(Arrays.copyOf(plain, plain.length + 6)); // padded
            for (int type : kind.ipv6() ? ICMPV6_TYPES : ICMP_TYPES) {
                frames.add(SyntheticFrame.icmp(client, vip, type));
                frames.add(SyntheticFrame.icmp(client, client, type));
            }
            frames.add(SyntheticFrame.icmpError(client, vip, plain));
            odd(frames, kind, client, plain);
        }
        for (boolean ipv6 : new boolean[] {false, true}) { // not for a VIP, whatever the family
            IpAddress stranger = client(ipv6, 1);
            frames.add(SyntheticFrame.ofFlow(stranger, 1, stranger, Protocol.TCP, L4Descriptor.TCP_SYN));
            frames.add(SyntheticFrame.icmp(stranger, stranger, L4Descriptor.ICMP_ECHO_REQUEST));
        }
        frames.add(new byte[60]); // no EtherType that is known
        return frames;
    }

    /** Of one datagram, of which each may come first: two that make it whole, one that overlaps both, one of no flow. */
    private void fragments(List<byte[]> frames, TrafficKind kind, int id) {
        IpAddress vip = site.vip(kind);
        IpAddress client = client(kind.ipv6(), frames.size());
        byte[] plain = ofFlow(kind, frames.size(), L4Descriptor.TCP_ACK);
        byte[] l4 =
                Arrays.copyOf(Arrays.copyOfRange(plain, plain.length - l4Bytes(kind), plain.length), FRAGMENT_BYTES);
        int protocol = kind.protocol().number();
        frames.add(SyntheticFrame.fragment(client, vip, protocol, id, 0, true, l4));
        frames.add(SyntheticFrame.fragment(client, vip, protocol, id, FRAGMENT_BYTES, false, l4));
        frames.add(SyntheticFrame.fragment(client, vip, protocol, id, FRAGMENT_BYTES / 2, true, l4));
        int icmp = kind.ipv6() ? L4Descriptor.ICMPV6 : L4Descriptor.ICMP;
        frames.add(SyntheticFrame.fragment(client, vip, icmp, id, 0, true, l4));
    }

    /** As many as all others, short and long headers of every configuration and of none; a third of the plain ones names a backend. */
    private void addQuic(List<byte[]> frames) {
        for (int i = frames.size(); i > 0; i--) {
            byte[] payload = new byte[QUIC_PAYLOAD_BYTES];
            random.nextBytes(payload);
            boolean isLong = i % 4 == 0;
            payload[QuicDescriptor.FORM_OFFSET] = (byte) (isLong ? QuicDescriptor.FORM_LONG : 0);
            int id = isLong ? QuicDescriptor.LONG_ID_OFFSET : QuicDescriptor.SHORT_ID_OFFSET;
            payload[QuicDescriptor.ID_LENGTH_OFFSET] &= (byte) (isLong ? QUIC_ID_BYTES_MASK : -1);
            payload[id] = (byte) (random.nextInt(ConnectionIdDescriptor.CONFIGURATIONS) << 5 | QUIC_ID_BYTES);
            payload[id + ConnectionIdDescriptor.SERVER_ID_OFFSET] &= (byte) (i % 3 == 0 ? 3 : -1);
            boolean ipv6 = random.nextBoolean();
            frames.add(SyntheticFrame.udp(client(ipv6, i), i, site.quicVip(ipv6), payload));
        }
    }

    private void odd(List<byte[]> frames, TrafficKind kind, IpAddress client, byte... plain) {
        IpAddress vip = site.vip(kind);
        byte[] tooBig = new byte[SyntheticSite.MTU_BYTES];
        System.arraycopy(plain, plain.length - l4Bytes(kind), tooBig, 0, l4Bytes(kind));
        byte[] toBeFragmented = SyntheticFrame.ip(client, vip, kind.protocol().number(), tooBig);
        frames.add(toBeFragmented);
        if (!kind.ipv6()) {
            frames.add(SyntheticFrame.dontFragment(toBeFragmented)); // but answered
        }
        byte[] truncated = Arrays.copyOf(tooBig, L4Descriptor.PORTS_LENGTH_BYTES + 1);
        frames.add(SyntheticFrame.ip(client, vip, kind.protocol().number(), truncated));
        frames.add(SyntheticFrame.ofFlow(client, frames.size(), client, kind.protocol(), L4Descriptor.TCP_ACK));
        if (kind.ipv6()) {
            for (int extension : EXTENSIONS) {
                frames.add(SyntheticFrame.extended(
                        client, vip, extension, kind.protocol().number(), new byte[L4Descriptor.TCP_LENGTH_BYTES]));
            }
        }
    }

    private static int l4Bytes(TrafficKind kind) {
        return kind.protocol() == Protocol.TCP ? L4Descriptor.TCP_LENGTH_BYTES : L4Descriptor.UDP_LENGTH_BYTES;
    }

    /** {@return a copy with a few bytes changed, or cut} */
    private byte[] damaged(byte[] frame) {
        byte[] damaged = Arrays.copyOf(frame, random.nextInt(4) == 0 ? upTo(frame.length) : frame.length);
        int within = Math.min(damaged.length, HEADER_BYTES);
        for (int i = upTo(DAMAGED_BYTES_MAX); i > 0; i--) {
            damaged[random.nextInt(within)] = (byte) random.nextInt();
        }
        return damaged;
    }
}
