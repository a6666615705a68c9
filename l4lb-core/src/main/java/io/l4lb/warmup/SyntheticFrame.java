package io.l4lb.warmup;

import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.packet.EthernetDescriptor;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;
import java.nio.ByteBuffer;

/**
 * Frames from a client to an address. Transport checksums are left out: the node does not look at them, and these packets
 * reach nobody else. Any thread.
 */
final class SyntheticFrame {
    private static final int HOP_LIMIT = 64;
    private static final int EXTENSION_LENGTH_BYTES = 8;

    private SyntheticFrame() {}

    /** {@return a packet of a flow: TCP with those flags and 20 bytes of header, or UDP} */
    static byte[] ofFlow(IpAddress client, int clientL4Port, IpAddress vip, Protocol protocol, int tcpFlags) {
        boolean tcp = protocol == Protocol.TCP;
        ByteBuffer l4 = ByteBuffer.allocate(tcp ? L4Descriptor.TCP_LENGTH_BYTES : L4Descriptor.UDP_LENGTH_BYTES);
        l4.putShort((short) clientL4Port).putShort((short) SyntheticSite.L4_PORT);
        if (tcp) {
            l4.put(L4Descriptor.TCP_DATA_OFFSET_OFFSET, (byte) (L4Descriptor.TCP_LENGTH_BYTES << 2));
            l4.put(L4Descriptor.TCP_FLAGS_OFFSET, (byte) tcpFlags);
        } else {
            l4.putShort(L4Descriptor.UDP_LENGTH_OFFSET, (short) L4Descriptor.UDP_LENGTH_BYTES);
        }
        return ip(client, vip, protocol.number(), l4.array());
    }

    /** {@return a copy of an IPv4 frame, with DF} */
    static byte[] dontFragment(byte... frame) {
        byte[] copy = frame.clone();
        copy[EthernetDescriptor.LENGTH_BYTES + Ipv4Descriptor.FRAGMENT_OFFSET] = (byte) Ipv4Descriptor.DONT_FRAGMENT_BE;
        return copy;
    }

    /** {@return a datagram with that payload} */
    static byte[] udp(IpAddress client, int clientL4Port, IpAddress vip, byte... payload) {
        ByteBuffer l4 = ByteBuffer.allocate(L4Descriptor.UDP_LENGTH_BYTES + payload.length);
        l4.putShort((short) clientL4Port).putShort((short) SyntheticSite.L4_PORT);
        l4.putShort((short) l4.capacity()).putShort((short) 0).put(payload);
        return ip(client, vip, L4Descriptor.UDP, l4.array());
    }

    /** {@return an ICMP or ICMPv6 message of that type} */
    static byte[] icmp(IpAddress client, IpAddress to, int type) {
        byte[] l4 = new byte[2 * L4Descriptor.ICMP_LENGTH_BYTES];
        l4[L4Descriptor.ICMP_TYPE_OFFSET] = (byte) type;
        return ip(client, to, to.ipv6() ? L4Descriptor.ICMPV6 : L4Descriptor.ICMP, l4);
    }

    /** {@return an ICMP or ICMPv6 error that quotes the packet of an untagged frame} */
    static byte[] icmpError(IpAddress client, IpAddress to, byte... frame) {
        int quoted = frame.length - EthernetDescriptor.LENGTH_BYTES;
        byte[] l4 = new byte[L4Descriptor.ICMP_LENGTH_BYTES + quoted];
        l4[L4Descriptor.ICMP_TYPE_OFFSET] = (byte) (to.ipv6() ? 1 : 3);
        System.arraycopy(frame, EthernetDescriptor.LENGTH_BYTES, l4, L4Descriptor.ICMP_LENGTH_BYTES, quoted);
        return ip(client, to, to.ipv6() ? L4Descriptor.ICMPV6 : L4Descriptor.ICMP, l4);
    }

    /** {@return an untagged packet} */
    static byte[] ip(IpAddress client, IpAddress to, int protocol, byte... l4) {
        return to.ipv6() ? ipv6(client, to, protocol, l4) : ipv4(client, to, protocol, l4);
    }

    /** {@return an IPv6 packet with an extension header of 8 bytes before its layer 4} */
    static byte[] extended(IpAddress client, IpAddress to, int extension, int protocol, byte... l4) {
        ByteBuffer extended = ByteBuffer.allocate(EXTENSION_LENGTH_BYTES + l4.length);
        extended.put((byte) protocol).position(EXTENSION_LENGTH_BYTES).put(l4);
        return ipv6(client, to, extension, extended.array());
    }

    /** {@return a fragment of a datagram}; its length is a multiple of 8 */
    static byte[] fragment(
            IpAddress client, IpAddress to, int protocol, int id, int offsetBytes, boolean more, byte... data) {
        if (to.ipv6()) {
            ByteBuffer extended = ByteBuffer.allocate(EXTENSION_LENGTH_BYTES + data.length);
            extended.put((byte) protocol).put((byte) 0);
            extended.putShort((short) (offsetBytes | (more ? Ipv6Descriptor.MORE_FRAGMENTS : 0)));
            return ipv6(
                    client,
                    to,
                    Ipv6Descriptor.FRAGMENT,
                    extended.putInt(id).put(data).array());
        }
        int l3 = EthernetDescriptor.LENGTH_BYTES;
        return ByteBuffer.wrap(ipv4(client, to, protocol, data))
                .putShort(l3 + Ipv4Descriptor.IDENTIFICATION_OFFSET, (short) id)
                .putShort(l3 + Ipv4Descriptor.FRAGMENT_OFFSET, (short)
                        (offsetBytes >> 3 | (more ? Ipv4Descriptor.MORE_FRAGMENTS : 0)))
                .array(); // its header's checksum is not that of a fragment: the node does not look at it
    }

    /** {@return the frame with one more VLAN tag} */
    static byte[] tagged(byte[] frame, int etherTypeBe) {
        int addresses = EthernetDescriptor.ETHER_TYPE_OFFSET;
        ByteBuffer tagged = ByteBuffer.allocate(frame.length + EthernetDescriptor.VLAN_TAG_LENGTH_BYTES);
        tagged.put(frame, 0, addresses).putShort(Short.reverseBytes((short) etherTypeBe));
        return tagged.putShort((short) 1)
                .put(frame, addresses, frame.length - addresses)
                .array();
    }

    private static ByteBuffer ethernet(int etherTypeBe, int l3Bytes) {
        ByteBuffer frame = ByteBuffer.allocate(EthernetDescriptor.LENGTH_BYTES + l3Bytes);
        frame.put(SyntheticSite.ETH_PORT_MAC.bytes()).put(SyntheticSite.ETH_PORT_MAC.bytes());
        return frame.putShort(Short.reverseBytes((short) etherTypeBe));
    }

    private static byte[] ipv4(IpAddress client, IpAddress to, int protocol, byte... l4) {
        int length = Ipv4Descriptor.LENGTH_BYTES + l4.length;
        ByteBuffer frame = ethernet(EthernetDescriptor.ETHER_TYPE_IPV4_BE, length);
        int l3 = frame.position();
        frame.put((byte) Ipv4Descriptor.VERSION_IHL_PLAIN).put((byte) 0).putShort((short) length);
        frame.putInt(0).put((byte) HOP_LIMIT).put((byte) protocol).putShort((short) 0);
        frame.put(client.bytes()).put(to.bytes()).put(l4);
        int sum = 0;
        for (int at = l3; at < l3 + Ipv4Descriptor.LENGTH_BYTES; at += Short.BYTES) {
            sum += frame.getShort(at) & 0xffff;
        }
        sum = (sum & 0xffff) + (sum >>> Short.SIZE);
        frame.putShort(l3 + Ipv4Descriptor.CHECKSUM_OFFSET, (short) ~((sum & 0xffff) + (sum >>> Short.SIZE)));
        return bytes(frame);
    }

    private static byte[] ipv6(IpAddress client, IpAddress to, int protocol, byte... l4) {
        ByteBuffer frame = ethernet(EthernetDescriptor.ETHER_TYPE_IPV6_BE, Ipv6Descriptor.LENGTH_BYTES + l4.length);
        frame.putInt(Ipv6Descriptor.VERSION << 28).putShort((short) l4.length);
        frame.put((byte) protocol).put((byte) HOP_LIMIT);
        return bytes(frame.put(client.bytes()).put(to.bytes()).put(l4));
    }

    private static byte[] bytes(ByteBuffer full) {
        byte[] bytes = new byte[full.position()];
        full.get(0, bytes);
        return bytes;
    }
}
