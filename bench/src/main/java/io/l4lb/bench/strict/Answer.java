package io.l4lb.bench.strict;

import static io.l4lb.bench.strict.BrokenPromise.unless;
import static io.l4lb.bench.strict.Wire.u16;
import static io.l4lb.bench.strict.Wire.u32;
import static io.l4lb.bench.strict.Wire.u8;

import java.util.Arrays;

/** What the node says itself, in a VIP's name: echo replies and ICMP errors. */
final class Answer {
    private static final int IPV4_ERROR_BYTES_MAX = 576;
    private static final int IPV6_ERROR_BYTES_MAX = 1280;
    private static final int IPV4_MTU_MIN = 68;
    private static final int TTL = 64;

    private Answer() {}

    /** {@return whether it could be one: ICMP from a VIP, to somebody else than it came from} */
    static boolean isLikely(ClientPacket came, byte[] frame, Service service) {
        ClientPacket left = ClientPacket.read(frame);
        return left.isIcmp()
                && !left.isPart()
                && service.isVip(left.source())
                && (!Arrays.equals(left.source(), came.source()) || Arrays.equals(came.source(), came.destination()));
    }

    static void check(ClientPacket came, byte[] frame, Service service) {
        ClientPacket left = ClientPacket.read(frame);
        unless(left.end() == frame.length || !left.isIcmpError(), "padding behind an answer");
        unless(left.lengthBytes() <= service.mtuBytes() || !left.isIcmpError(), "an answer that is too big");
        unless((u8(came.frame(), 0) & 1) == 0, "an answer to what was sent to many");
        unless(isHost(left.destination()) && !service.isVip(left.destination()), "an answer to no single host");
        if (left.isIcmpError()) {
            error(came, left, service);
        } else {
            echo(came, left);
        }
    }

    /** RFC 6890, and ::/64, which is IANA's for other uses than hosts. */
    private static boolean isHost(byte... address) {
        int first = u8(address, 0);
        return address.length == 4
                ? first != 0 && first != 127 && first < 224
                : first != 0xff && !Arrays.equals(Arrays.copyOf(address, 8), new byte[8]);
    }

    /** The very frame but for MACs, addresses, type, TTL and checksums; and those as right or wrong as they came. */
    private static void echo(ClientPacket came, ClientPacket left) {
        byte[] in = came.frame();
        byte[] out = left.frame();
        int l3 = came.l3();
        int l4 = came.l4();
        unless(came.isIcmp() && !came.isPart() && l4 + 8 <= came.end(), "an answer to what is no echo request");
        unless(u8(in, l4) == (came.ipv6() ? 128 : 8), "an answer to what is no echo request");
        byte[] expected = in.clone();
        System.arraycopy(in, 6, expected, 0, 6);
        System.arraycopy(out, 6, expected, 6, 6);
        int source = l3 + (came.ipv6() ? 8 : 12);
        System.arraycopy(came.source(), 0, expected, source + came.addressBytes(), came.addressBytes());
        System.arraycopy(came.destination(), 0, expected, source, came.addressBytes());
        expected[l3 + (came.ipv6() ? 7 : 8)] = 64;
        expected[l4] = (byte) (came.ipv6() ? 129 : 0);
        unless(out.length >= l4 + 4, "length of an echo reply");
        System.arraycopy(out, l4 + 2, expected, l4 + 2, 2);
        if (!came.ipv6()) {
            System.arraycopy(out, l3 + 10, expected, l3 + 10, 2);
            unless(residue(in, l3, l4) == residue(out, l3, l4), "header checksum of an echo reply");
        }
        unless(Arrays.equals(expected, out), "echo reply");
        unless(residue(in, l4, came.end()) == residue(out, l4, came.end()), "ICMP checksum of an echo reply");
    }

    private static int residue(byte[] bytes, int from, int to) {
        return Wire.sum(bytes, from, to, 0) % 0xffff;
    }

    /** About a packet to the VIP, by whoever found that it cannot go on: the quote was in what came, and is the client's. */
    private static void error(ClientPacket came, ClientPacket left, Service service) {
        byte[] out = left.frame();
        boolean ipv6 = left.ipv6();
        int icmp = left.l4();
        int icmpBytes = out.length - icmp;
        unless(ipv6 || u8(out, left.l3()) == 0x45, "options of an answer");
        unless(!ipv6 || u32(out, left.l3()) == 0x6000_0000L, "flow label and traffic class of an answer");
        unless(icmp == left.l3() + (ipv6 ? 40 : 20), "headers of an answer");
        unless(u8(out, left.l3() + (ipv6 ? 7 : 8)) == TTL, "TTL of an answer");
        unless(ipv6 || Wire.sum(out, left.l3(), icmp, 0) == 0xffff, "header checksum of an answer");
        long pseudo = ipv6 ? Wire.sum(out, left.l3() + 8, icmp, 0) + icmpBytes + ClientPacket.ICMPV6 : 0;
        unless(Wire.sum(out, icmp, out.length, pseudo) == 0xffff, "ICMP checksum of an answer");
        unless(out.length - left.l3() <= (ipv6 ? IPV6_ERROR_BYTES_MAX : IPV4_ERROR_BYTES_MAX), "length of an answer");
        unless(Wire.same(out, 0, came.frame(), 6, 6) || Wire.same(out, 0, service.nextHop(), 0, 6), "MAC of an answer");
        quote(came, left, icmp + 8);
        mtu(came, left, service);
    }

    private static void quote(ClientPacket came, ClientPacket left, int at) {
        byte[] out = left.frame();
        boolean ipv6 = left.ipv6();
        int addresses = at + (ipv6 ? 8 : 12);
        int size = left.addressBytes();
        unless(out.length >= at + (ipv6 ? 48 : 28), "a quote of less than 8 bytes behind the header");
        unless(u8(out, at) >> 4 == (ipv6 ? 6 : 4), "version of a quote");
        unless(Wire.same(out, addresses, left.destination(), 0, size), "an answer to another than it quotes");
        unless(Wire.same(out, addresses + size, left.source(), 0, size), "an answer from another than it quotes");
        unless(u8(out, at + (ipv6 ? 6 : 9)) != (ipv6 ? 58 : 1) || !came.isIcmpError(), "an error about an error");
        unless(contains(came.frame(), out, at, out.length - at), "a quote of what did not come");
    }

    private static void mtu(ClientPacket came, ClientPacket left, Service service) {
        byte[] out = left.frame();
        int typeAndCode = u16(out, left.l4());
        if (typeAndCode == (left.ipv6() ? 0x0200 : 0x0304)) {
            long mtu = u32(out, left.l4() + 4);
            unless(
                    mtu >= (left.ipv6() ? IPV6_ERROR_BYTES_MAX : IPV4_MTU_MIN) && mtu <= service.mtuBytes(),
                    "MTU of an answer");
            if (Wire.same(came.frame(), came.l3(), out, left.l4() + 8, out.length - left.l4() - 8)) {
                unless(came.lengthBytes() > mtu, "an MTU in which the packet fits");
                unless(left.ipv6() || (u16(came.frame(), came.l3() + 6) & 0x4000) != 0, "too big, without DF");
            }
        }
    }

    private static boolean contains(byte[] in, byte[] quoted, int from, int length) {
        for (int at = 0; at + length <= in.length; at++) {
            if (Wire.same(in, at, quoted, from, length)) {
                return true;
            }
        }
        return false;
    }
}
