package io.l4lb.bench.strict;

import static io.l4lb.bench.strict.BrokenPromise.unless;
import static io.l4lb.bench.strict.Wire.u16;
import static io.l4lb.bench.strict.Wire.u8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;

/** What backends on the node's own segment are sent: the client's packet as it came, or the fragments that it was cut into. */
final class Segment {
    private Segment() {}

    static void check(ClientPacket came, List<byte[]> frames, Service service) {
        unless(
                service.vipsOf(came).stream().anyMatch(vip -> service.isBackendMac(vip, frames.getFirst())),
                "to a MAC that no backend has");
        List<ClientPacket> left = frames.stream().map(ClientPacket::read).toList();
        for (ClientPacket each : left) {
            unless(each.lengthBytes() <= service.mtuBytes(), "too big for the segment");
            unless(each.ipv6() == came.ipv6(), "family");
            unless(Wire.same(each.frame(), 0, frames.getFirst(), 0, 12), "MACs of a fragment");
        }
        if (left.size() == 1) {
            unless(Arrays.equals(left.getFirst().packet(), came.packet()), "packet to the segment changed");
        } else {
            unless(!came.ipv6() && (u16(came.frame(), came.l3() + 6) & 0x4000) == 0, "fragmented against its will");
            reassemble(came, left);
        }
    }

    /** RFC 791: the header of each is that of the packet but for length, flags, offset, checksum, and options that are not copied. */
    private static void reassemble(ClientPacket came, List<ClientPacket> left) {
        byte[] in = came.frame();
        int flags = u16(in, came.l3() + 6);
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (int i = 0; i < left.size(); i++) {
            ClientPacket each = left.get(i);
            byte[] out = each.frame();
            boolean last = i == left.size() - 1;
            int more = last ? flags & 0x2000 : 0x2000; // the reserved bit is sent as zero, whatever came
            unless(each.end() == out.length, "padding behind a fragment");
            unless(
                    u16(out, each.l3() + 6) == (more | (flags & 0x1fff) + payload.size() / 8),
                    "flags and fragment offset");
            unless(last || (each.end() - each.l4()) % 8 == 0, "length of a fragment");
            unless(Wire.sum(out, each.l3(), each.l4(), 0) == 0xffff, "header checksum of a fragment");
            unless(u8(out, each.l3() + 1) == u8(in, came.l3() + 1), "DSCP of a fragment");
            unless(Wire.same(out, each.l3() + 4, in, came.l3() + 4, 2), "identification of a fragment");
            unless(Wire.same(out, each.l3() + 8, in, came.l3() + 8, 2), "TTL and protocol of a fragment");
            unless(Wire.same(out, each.l3() + 12, in, came.l3() + 12, 8), "addresses of a fragment");
            if (i == 0) {
                int options = came.l4() - came.l3() - 20;
                unless(each.l4() - each.l3() == came.l4() - came.l3(), "options of the first fragment");
                unless(Wire.same(out, each.l3() + 20, in, came.l3() + 20, options), "options of the first fragment");
            }
            payload.write(out, each.l4(), each.end() - each.l4());
        }
        unless(
                Arrays.equals(payload.toByteArray(), 0, payload.size(), in, came.l4(), came.end()),
                "what the fragments make up");
    }
}
