package io.l4lb.testing;

import static io.l4lb.testing.SentFrame.u16;
import static io.l4lb.testing.SentFrame.u8;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.counters.DropReason;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What DESIGN says becomes of a frame, for one frame at a time, slowly, over a byte array: parse and classify once more,
 * written from the words. {@link #judge} sets the fields.
 */
public final class ReferenceModel {
    /** What becomes of a frame. */
    public enum Outcome {
        TO_VIP,
        ECHO,
        PUNT,
        /** To a VIP's address, a fragment: depends on those before it. */
        FRAGMENT,
        /** To no VIP's address, an ICMP error: about an encapsulated packet, or the kernel's. */
        TUNNEL_ERROR,
        DROP
    }

    private record Service(IpAddress address, int protocol, int l4Port) {}

    private final Map<Service, VipConfig> vips = new HashMap<>();
    private final Set<IpAddress> addresses = new HashSet<>();
    private byte[] frame;
    private int l3;
    private int l4;
    private int end;
    private int quotedProtocol;
    private boolean error;
    private boolean onItsWay;
    private Outcome outcome;
    private DropReason reason;
    private VipConfig vip;

    public ReferenceModel(L4lbConfig config) {
        for (VipConfig each : config.vips()) {
            vips.put(new Service(each.address(), each.protocol().number(), each.l4Port()), each);
            addresses.add(each.address());
        }
    }

    public Outcome outcome() {
        return outcome;
    }

    /** {@return why, if it is a drop} */
    public DropReason reason() {
        return reason;
    }

    /** {@return the VIP, if the packet is to one} */
    public VipConfig vip() {
        return vip;
    }

    /** {@return where the IP packet begins} */
    public int l3() {
        return l3;
    }

    /** {@return where layer 4 begins} */
    public int l4() {
        return l4;
    }

    /** {@return where the IP packet ends} */
    public int end() {
        return end;
    }

    /** {@return whether it is an ICMP error about a flow} */
    public boolean isError() {
        return error;
    }

    /** {@return whether its sender is told when it is too big} */
    public boolean isAnswerable() {
        return !error && !isFragmentable() && isFromHost();
    }

    private boolean isFromHost() {
        boolean ipv6 = u8(frame, l3) >> 4 == 6;
        return (frame[0] & 1) == 0 && isHost(frame, l3 + (ipv6 ? 8 : 12), ipv6);
    }

    /** {@return whether the address there is one that an answer may be sent to} */
    public boolean isHost(byte[] bytes, int at, boolean ipv6) {
        int first = u8(bytes, at);
        if (addresses.contains(SentFrame.address(bytes, at, ipv6))) {
            return false;
        }
        if (!ipv6) {
            return first != 0 && first != 127 && first < 224;
        }
        for (int i = 0; i < 8; i++) {
            if (bytes[at + i] != 0) {
                return first != 255;
            }
        }
        return false;
    }

    /** {@return whether it leaves in outer fragments when it is too big} */
    public boolean isFragmentable() {
        return vip.address().ipv6()
                ? vip.encapsulation() != Encapsulation.L2 && end - l3 <= 1280
                : (frame[l3 + 6] & 0x40) == 0;
    }

    public void judge(byte[] bytes, int length) {
        error = false;
        onItsWay = false;
        frame = bytes;
        reason = null;
        vip = null;
        outcome = length < 14 ? drop(DropReason.ETHERNET_TRUNCATED) : ethernet(length);
    }

    private Outcome drop(DropReason why) {
        reason = why;
        return Outcome.DROP;
    }

    private Outcome ethernet(int length) {
        int type = 12;
        for (int tags = 0; tags < 2 && isTag(u16(frame, type)); tags++) {
            type += 4;
            if (length < type + 2) {
                return drop(DropReason.ETHERNET_TRUNCATED);
            }
        }
        l3 = type + 2;
        return switch (u16(frame, type)) {
            case 0x0800 -> ipv4(length - l3);
            case 0x86dd -> ipv6(length - l3);
            default -> Outcome.PUNT;
        };
    }

    private static boolean isTag(int etherType) {
        return etherType == 0x8100 || etherType == 0x88a8 || etherType == 0x9100;
    }

    private Outcome ipv4(int available) {
        if (available < 20) {
            return drop(DropReason.IPV4_TRUNCATED);
        }
        int headerBytes = (u8(frame, l3) & 15) * 4;
        int totalBytes = u16(frame, l3 + 2);
        if (u8(frame, l3) >> 4 != 4) {
            return drop(DropReason.IPV4_VERSION);
        }
        if (headerBytes < 20) {
            return drop(DropReason.IPV4_HEADER_LENGTH);
        }
        if (headerBytes > available) {
            return drop(DropReason.IPV4_TRUNCATED);
        }
        if (totalBytes < headerBytes || totalBytes > available) {
            return drop(DropReason.IPV4_TOTAL_LENGTH);
        }
        l4 = l3 + headerBytes;
        end = l3 + totalBytes;
        boolean fragment = (u16(frame, l3 + 6) & 0x3fff) != 0;
        return layer4(SentFrame.address(frame, l3 + 16, false), u8(frame, l3 + 9), fragment);
    }

    private Outcome ipv6(int available) {
        if (available < 40) {
            return drop(DropReason.IPV6_TRUNCATED);
        }
        if (u8(frame, l3) >> 4 != 6) {
            return drop(DropReason.IPV6_VERSION);
        }
        end = l3 + 40 + u16(frame, l3 + 4);
        if (end - l3 > available) {
            return drop(DropReason.IPV6_PAYLOAD_LENGTH);
        }
        int header = u8(frame, l3 + 6);
        l4 = l3 + 40;
        for (int walked = 0; isExtension(header); walked++) {
            if (walked == 8) {
                return drop(DropReason.IPV6_EXTENSION_LIMIT);
            }
            if (l4 + 8 > end) {
                return drop(DropReason.IPV6_EXTENSION_TRUNCATED);
            }
            if (header == 44 && (u16(frame, l4 + 2) & 0xfff9) != 0) {
                return layer4(SentFrame.address(frame, l3 + 24, true), header, true);
            }
            int lengthBytes = header == 44 ? 8 : header == 51 ? u8(frame, l4 + 1) * 4 + 8 : u8(frame, l4 + 1) * 8 + 8;
            if (l4 + lengthBytes > end) {
                return drop(DropReason.IPV6_EXTENSION_TRUNCATED);
            }
            onItsWay |= header == 43 && frame[l4 + 3] != 0;
            header = u8(frame, l4);
            l4 += lengthBytes;
        }
        return layer4(SentFrame.address(frame, l3 + 24, true), header, false);
    }

    private static boolean isExtension(int header) {
        return switch (header) {
            case 0, 43, 44, 51, 60, 135, 139, 140 -> true;
            default -> false;
        };
    }

    private Outcome layer4(IpAddress destination, int protocol, boolean fragment) {
        if (!addresses.contains(destination)) {
            return !fragment && isIcmpError(protocol, destination.ipv6()) ? Outcome.TUNNEL_ERROR : Outcome.PUNT;
        }
        if (fragment) {
            return Outcome.FRAGMENT;
        }
        return switch (protocol) {
            case 6 -> tcp(destination);
            case 17 -> udp(destination);
            case 1 -> destination.ipv6() ? Outcome.PUNT : icmp();
            case 58 -> destination.ipv6() ? icmpv6() : Outcome.PUNT;
            default -> Outcome.PUNT;
        };
    }

    private boolean isIcmpError(int protocol, boolean ipv6) {
        if (protocol != (ipv6 ? 58 : 1) || end - l4 < 8) {
            return false;
        }
        int type = u8(frame, l4);
        return ipv6 ? type < 128 : Set.of(3, 4, 5, 11, 12).contains(type);
    }

    private Outcome tcp(IpAddress destination) {
        if (end - l4 < 20) {
            return drop(DropReason.TCP_TRUNCATED);
        }
        int headerBytes = u8(frame, l4 + 12) / 16 * 4;
        return headerBytes < 20 || l4 + headerBytes > end ? drop(DropReason.TCP_DATA_OFFSET) : service(destination, 6);
    }

    private Outcome udp(IpAddress destination) {
        if (end - l4 < 8) {
            return drop(DropReason.UDP_TRUNCATED);
        }
        int lengthBytes = u16(frame, l4 + 4);
        return lengthBytes < 8 || l4 + lengthBytes > end ? drop(DropReason.UDP_LENGTH) : service(destination, 17);
    }

    private Outcome service(IpAddress destination, int protocol) {
        vip = vipOf(destination, protocol, u16(frame, l4 + 2));
        return vip == null ? Outcome.PUNT : Outcome.TO_VIP;
    }

    private VipConfig vipOf(IpAddress address, int protocol, int l4Port) {
        VipConfig exact = vips.get(new Service(address, protocol, l4Port));
        return exact == null ? vips.get(new Service(address, protocol, 0)) : exact;
    }

    private Outcome icmp() {
        if (end - l4 < 8) {
            return drop(DropReason.ICMP_TRUNCATED);
        }
        return switch (u8(frame, l4)) {
            case 8 -> echo();
            case 4, 5 -> drop(DropReason.ICMP_IGNORED);
            case 3, 11, 12 -> quote(l4 + 8, false);
            default -> Outcome.PUNT;
        };
    }

    private Outcome echo() {
        return isFromHost() && !onItsWay ? Outcome.ECHO : drop(DropReason.UNANSWERABLE);
    }

    private Outcome icmpv6() {
        if (end - l4 < 8) {
            return drop(DropReason.ICMP_TRUNCATED);
        }
        int type = u8(frame, l4);
        return switch (type) {
            case 128 -> echo();
            case 137 -> drop(DropReason.ICMP_IGNORED);
            default -> type < 128 ? quote(l4 + 8, true) : Outcome.PUNT;
        };
    }

    /** An ICMP error goes where the flow goes that it quotes: the L4 ports must be there, the first 4 bytes of 8. */
    private Outcome quote(int at, boolean ipv6) {
        int ports = ipv6 ? quotedL4(at) : quotedL4OfIpv4(at);
        if (ports < 0 || ports + 4 > end || (quotedProtocol != 6 && quotedProtocol != 17)) {
            return drop(DropReason.ICMP_QUOTE);
        }
        int addressBytes = ipv6 ? 16 : 4;
        int source = at + (ipv6 ? 8 : 12);
        vip = vipOf(SentFrame.address(frame, source, ipv6), quotedProtocol, u16(frame, ports));
        if (vip == null) {
            vip = vipOf(SentFrame.address(frame, source + addressBytes, ipv6), quotedProtocol, u16(frame, ports + 2));
        }
        error = true;
        return vip == null ? drop(DropReason.ICMP_QUOTE) : Outcome.TO_VIP;
    }

    private int quotedL4OfIpv4(int at) {
        if (at + 20 > end || u8(frame, at) >> 4 != 4 || (u16(frame, at + 6) & 0x1fff) != 0) {
            return -1;
        }
        quotedProtocol = u8(frame, at + 9);
        int headerBytes = (u8(frame, at) & 15) * 4;
        return headerBytes < 20 ? -1 : at + headerBytes;
    }

    private int quotedL4(int at) {
        if (at + 40 > end || u8(frame, at) >> 4 != 6) {
            return -1;
        }
        quotedProtocol = u8(frame, at + 6);
        int next = at + 40;
        int walked = 0;
        while (isExtension(quotedProtocol)) {
            if (walked++ == 8 || next + 8 > end) {
                return -1;
            }
            if (quotedProtocol == 44 && (u16(frame, next + 2) & 0xfff9) != 0) {
                if ((u16(frame, next + 2) & 0xfff8) != 0) {
                    return -1;
                }
                walked = 0; // a first fragment: what is behind its header is counted anew
            }
            int lengthBytes = quotedProtocol == 44
                    ? 8
                    : quotedProtocol == 51 ? u8(frame, next + 1) * 4 + 8 : u8(frame, next + 1) * 8 + 8;
            if (next + lengthBytes > end) {
                return -1;
            }
            quotedProtocol = u8(frame, next);
            next += lengthBytes;
        }
        return next;
    }
}
