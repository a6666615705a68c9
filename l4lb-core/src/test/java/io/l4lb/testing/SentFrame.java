package io.l4lb.testing;

import io.l4lb.net.IpAddress;
import java.util.Arrays;

/**
 * A frame that left, read strictly by the words of DESIGN and the brief: every field that is fixed must have its value.
 * Written without the pipeline's descriptors.
 *
 * @param kind ipip, gue or gre
 * @param backend destination of the outer header
 * @param innerOffset where the inner packet begins; it ends with the frame
 * @param innerIpv6 what the header before it says
 * @param trafficClass DSCP and ECN of the outer header
 * @param spread GUE: source port; IPv6: flow label; else 0
 */
public record SentFrame(
        String kind, IpAddress backend, int innerOffset, boolean innerIpv6, int trafficClass, int spread) {
    private static final int L3 = 14;

    /** Reads {@code length} bytes of {@code frame} that must be an encapsulated packet. */
    public static SentFrame read(byte[] frame, int length, byte[] sourceMac) {
        require(Arrays.equals(frame, 0, 6, TestConfig.NEXT_HOP.bytes(), 0, 6), "destination MAC is not the next hop");
        require(Arrays.equals(frame, 6, 12, sourceMac, 0, 6), "source MAC is not the ethPort's");
        return switch (u16(frame, 12)) {
            case 0x0800 -> ipv4(frame, length);
            case 0x86dd -> ipv6(frame, length);
            default -> throw new AssertionError("EtherType " + Integer.toHexString(u16(frame, 12)));
        };
    }

    private static SentFrame ipv4(byte[] frame, int length) {
        require(u8(frame, L3) == 0x45, "version and IHL");
        require(u16(frame, L3 + 2) == length - L3, "total length");
        require(u16(frame, L3 + 4) == 0, "ID");
        require(u16(frame, L3 + 6) == 0x4000, "DF and nothing else");
        require(u8(frame, L3 + 8) == 64, "TTL");
        require(Sums.fold(Sums.words(frame, L3, 20)) == 0xffff, "header checksum");
        require(address(frame, L3 + 12, false).equals(TestConfig.OUTER_IPV4), "outer source");
        return payload(frame, length, u8(frame, L3 + 9), L3 + 20, u8(frame, L3 + 1), 0);
    }

    private static SentFrame ipv6(byte[] frame, int length) {
        int first = (u16(frame, L3) << 16) | u16(frame, L3 + 2);
        require(first >>> 28 == 6, "version");
        require(u16(frame, L3 + 4) == length - L3 - 40, "payload length");
        require(u8(frame, L3 + 7) == 64, "hop limit");
        require(address(frame, L3 + 8, true).equals(TestConfig.OUTER_IPV6), "outer source");
        require((first & 0xfffff) != 0, "flow label");
        return payload(frame, length, u8(frame, L3 + 6), L3 + 40, (first >>> 20) & 0xff, first & 0xfffff);
    }

    private static SentFrame payload(byte[] frame, int length, int protocol, int at, int trafficClass, int label) {
        IpAddress backend = at == L3 + 20 ? address(frame, L3 + 16, false) : address(frame, L3 + 24, true);
        return switch (protocol) {
            case 4 -> new SentFrame("ipip", backend, at, false, trafficClass, label);
            case 41 -> new SentFrame("ipip", backend, at, true, trafficClass, label);
            case 47 -> {
                require(u16(frame, at) == 0, "GRE flags and version");
                yield new SentFrame("gre", backend, at + 4, isIpv6(u16(frame, at + 2)), trafficClass, label);
            }
            case 17 -> {
                require(u16(frame, at) >= 49_152, "GUE source port");
                require(u16(frame, at + 2) == 6080, "GUE destination port");
                require(u16(frame, at + 4) == length - at, "UDP length");
                require(u16(frame, at + 6) == 0, "UDP checksum");
                require(u8(frame, at + 8) == 0 && u16(frame, at + 10) == 0, "GUE version, flags");
                int inner = u8(frame, at + 9);
                require(inner == 4 || inner == 41, "GUE protocol");
                yield new SentFrame("gue", backend, at + 12, inner == 41, trafficClass, u16(frame, at));
            }
            default -> throw new AssertionError("outer protocol " + protocol);
        };
    }

    private static boolean isIpv6(int etherType) {
        require(etherType == 0x0800 || etherType == 0x86dd, "GRE protocol type");
        return etherType == 0x86dd;
    }

    static IpAddress address(byte[] bytes, int at, boolean ipv6) {
        if (!ipv6) {
            return IpAddress.ipv4((u16(bytes, at) << 16) | u16(bytes, at + 2));
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < 8; i++) {
            high = (high << 8) | u8(bytes, at + i);
            low = (low << 8) | u8(bytes, at + 8 + i);
        }
        return IpAddress.ipv6(high, low);
    }

    static int u8(byte[] bytes, int at) {
        return bytes[at] & 0xff;
    }

    public static int u16(byte[] bytes, int at) {
        return (u8(bytes, at) << 8) | u8(bytes, at + 1);
    }

    private static void require(boolean right, String what) {
        if (!right) {
            throw new AssertionError("sent frame: wrong " + what);
        }
    }
}
