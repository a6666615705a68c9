package io.l4lb.bench.strict;

import static io.l4lb.bench.strict.BrokenPromise.unless;
import static io.l4lb.bench.strict.Wire.u16;
import static io.l4lb.bench.strict.Wire.u8;

import java.util.Arrays;

/**
 * An IP packet in an Ethernet frame, under at most two tags.
 *
 * @param l3 where the IP header begins
 * @param end where the packet ends; padding may follow
 * @param l4 behind the IP header, its options or extension headers
 * @param protocol of layer 4
 * @param isPart a fragment that is not a whole datagram: only a first one has its layer 4 at {@code l4}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ClientPacket(byte[] frame, int l3, int end, boolean ipv6, int l4, int protocol, boolean isPart) {
    static final int TCP = 6;
    static final int UDP = 17;
    static final int ICMP = 1;
    static final int ICMPV6 = 58;
    private static final int FRAGMENT = 44;

    /** Reads a frame that must hold a sound one. */
    static ClientPacket read(byte[] frame) {
        unless(frame.length >= 14, "a frame without an Ethernet header");
        int l3 = 14;
        while (l3 < 22 && isTag(u16(frame, l3 - 2))) {
            l3 += 4;
            unless(frame.length >= l3, "a frame that ends in its tag");
        }
        return switch (u16(frame, l3 - 2)) {
            case 0x0800 -> ipv4(frame, l3);
            case 0x86dd -> ipv6(frame, l3);
            default -> throw new BrokenPromise("a frame without an IP packet");
        };
    }

    private static boolean isTag(int etherType) {
        return etherType == 0x8100 || etherType == 0x88a8 || etherType == 0x9100;
    }

    private static ClientPacket ipv4(byte[] frame, int l3) {
        unless(frame.length >= l3 + 20 && u8(frame, l3) >> 4 == 4, "no IPv4 header");
        int header = (u8(frame, l3) & 15) * 4;
        int end = l3 + u16(frame, l3 + 2);
        unless(header >= 20 && l3 + header <= end && end <= frame.length, "lengths of IPv4");
        boolean isPart = (u16(frame, l3 + 6) & 0x3fff) != 0;
        return new ClientPacket(frame, l3, end, false, l3 + header, u8(frame, l3 + 9), isPart);
    }

    private static ClientPacket ipv6(byte[] frame, int l3) {
        unless(frame.length >= l3 + 40 && u8(frame, l3) >> 4 == 6, "no IPv6 header");
        int end = l3 + 40 + u16(frame, l3 + 4);
        unless(end <= frame.length, "length of IPv6");
        int protocol = u8(frame, l3 + 6);
        int at = l3 + 40;
        boolean isPart = false;
        while (!isPart && isExtension(protocol)) {
            unless(at + 8 <= end, "an extension header beyond the packet");
            isPart = protocol == FRAGMENT && (u16(frame, at + 2) & 0xfff9) != 0;
            int length = protocol == FRAGMENT
                    ? 8
                    : protocol == 51 ? 4 * (u8(frame, at + 1) + 2) : 8 * (u8(frame, at + 1) + 1);
            protocol = u8(frame, at);
            at += length;
            unless(at <= end, "an extension header beyond the packet");
        }
        return new ClientPacket(frame, l3, end, true, at, protocol, isPart);
    }

    /** Those of RFC 7045. */
    private static boolean isExtension(int protocol) {
        return switch (protocol) {
            case 0, 43, FRAGMENT, 51, 60, 135, 139, 140 -> true;
            default -> false;
        };
    }

    int lengthBytes() {
        return end - l3;
    }

    int addressBytes() {
        return ipv6 ? 16 : 4;
    }

    private int sourceAt() {
        return l3 + (ipv6 ? 8 : 12);
    }

    byte[] source() {
        return Arrays.copyOfRange(frame, sourceAt(), sourceAt() + addressBytes());
    }

    byte[] destination() {
        return Arrays.copyOfRange(frame, sourceAt() + addressBytes(), sourceAt() + 2 * addressBytes());
    }

    /** {@return DSCP and ECN} */
    int trafficClass() {
        return ipv6 ? u16(frame, l3) >> 4 & 0xff : u8(frame, l3 + 1);
    }

    boolean isIcmp() {
        return protocol == (ipv6 ? ICMPV6 : ICMP);
    }

    /** {@return whether it is an ICMP error, of which no other may be made} */
    boolean isIcmpError() {
        if (!isIcmp() || l4 >= end) {
            return false;
        }
        int type = u8(frame, l4);
        return ipv6 ? type < 128 : type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
    }

    /** {@return whether it is ICMP that no backend is to get}: a redirect, or a source quench */
    boolean isForNoBackend() {
        if (!isIcmp() || l4 >= end) {
            return false;
        }
        int type = u8(frame, l4);
        return ipv6 ? type == 137 : type == 4 || type == 5;
    }

    /** {@return the IP packet} */
    byte[] packet() {
        return Arrays.copyOfRange(frame, l3, end);
    }
}
