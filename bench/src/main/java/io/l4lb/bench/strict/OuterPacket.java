package io.l4lb.bench.strict;

import static io.l4lb.bench.strict.BrokenPromise.unless;
import static io.l4lb.bench.strict.Wire.u16;
import static io.l4lb.bench.strict.Wire.u32;
import static io.l4lb.bench.strict.Wire.u8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;

/** An outer IP packet, of one frame or of the frames of its fragments in order, every field as it must be. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record OuterPacket(byte[] destination, int trafficClass, int protocol, byte[] payload) {
    private static final int L3 = 14;
    private static final int TTL = 64;

    /** @param frames of one packet, without tags */
    static OuterPacket read(List<byte[]> frames, Service service) {
        byte[] first = frames.getFirst();
        for (byte[] frame : frames) {
            unless(frame.length > L3 && Wire.same(frame, 0, service.nextHop(), 0, 6), "not to the next hop");
            unless(u16(frame, 12) == u16(first, 12), "fragments of two families");
        }
        return switch (u16(first, 12)) {
            case 0x0800 -> ipv4(frames, service);
            case 0x86dd -> ipv6(frames, service);
            default -> throw new BrokenPromise("EtherType " + Integer.toHexString(u16(first, 12)));
        };
    }

    private static OuterPacket ipv4(List<byte[]> frames, Service service) {
        byte[] first = frames.getFirst();
        boolean whole = frames.size() == 1;
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (int i = 0; i < frames.size(); i++) {
            byte[] frame = frames.get(i);
            unless(frame.length >= L3 + 20 && u8(frame, L3) == 0x45, "version and IHL");
            unless(u16(frame, L3 + 2) == frame.length - L3, "total length");
            int more = i == frames.size() - 1 ? 0 : 0x2000;
            unless(u16(frame, L3 + 6) == (whole ? 0x4000 : more | payload.size() / 8), "flags and fragment offset");
            unless(more == 0 || (frame.length - L3 - 20) % 8 == 0, "length of a fragment");
            unless(u16(frame, L3 + 4) == (whole ? 0 : u16(first, L3 + 4)), "identification");
            unless(u8(frame, L3 + 8) == TTL, "TTL");
            unless(u16(frame, L3) == u16(first, L3), "DSCP of a fragment");
            unless(
                    Wire.same(frame, L3 + 16, first, L3 + 16, 4) && u8(frame, L3 + 9) == u8(first, L3 + 9),
                    "of another packet");
            unless(Wire.sum(frame, L3, L3 + 20, 0) == 0xffff, "header checksum");
            unless(Wire.same(frame, L3 + 12, service.outerSource(false), 0, 4), "outer source");
            payload.write(frame, L3 + 20, frame.length - L3 - 20);
        }
        byte[] destination = Arrays.copyOfRange(first, L3 + 16, L3 + 20);
        return new OuterPacket(destination, u8(first, L3 + 1), u8(first, L3 + 9), payload.toByteArray());
    }

    private static OuterPacket ipv6(List<byte[]> frames, Service service) {
        byte[] first = frames.getFirst();
        boolean whole = frames.size() == 1;
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        int header = whole ? 40 : 48;
        for (int i = 0; i < frames.size(); i++) {
            byte[] frame = frames.get(i);
            unless(frame.length >= L3 + header && u8(frame, L3) >> 4 == 6, "version");
            unless(u16(frame, L3 + 4) == frame.length - L3 - 40, "payload length");
            unless(u8(frame, L3 + 7) == TTL, "hop limit");
            unless((u32(frame, L3) & 0xfffff) != 0 && u32(frame, L3) == u32(first, L3), "flow label, traffic class");
            unless(Wire.same(frame, L3 + 8, service.outerSource(true), 0, 16), "outer source");
            unless(Wire.same(frame, L3 + 24, first, L3 + 24, 16), "of another packet");
            if (!whole) {
                int more = i == frames.size() - 1 ? 0 : 1;
                unless(u8(frame, L3 + 6) == 44 && u8(frame, L3 + 41) == 0, "fragment header");
                unless(u8(frame, L3 + 40) == u8(first, L3 + 40), "next header of a fragment");
                unless(u16(frame, L3 + 42) == (payload.size() | more), "fragment offset");
                unless(u32(frame, L3 + 44) == u32(first, L3 + 44), "identification");
                unless(more == 0 || (frame.length - L3 - header) % 8 == 0, "length of a fragment");
            }
            payload.write(frame, L3 + header, frame.length - L3 - header);
        }
        byte[] destination = Arrays.copyOfRange(first, L3 + 24, L3 + 40);
        int protocol = u8(first, L3 + (whole ? 6 : 40));
        return new OuterPacket(destination, u16(first, L3) >> 4 & 0xff, protocol, payload.toByteArray());
    }
}
