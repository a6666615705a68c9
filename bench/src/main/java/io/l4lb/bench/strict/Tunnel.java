package io.l4lb.bench.strict;

import static io.l4lb.bench.strict.BrokenPromise.unless;
import static io.l4lb.bench.strict.Wire.u16;
import static io.l4lb.bench.strict.Wire.u8;

import io.l4lb.net.Encapsulation;
import java.util.Arrays;

/**
 * What an outer packet holds, read strictly.
 *
 * @param backend the outer destination
 * @param guePort the outer UDP destination; 0 without
 * @param inner the client's packet
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Tunnel(Encapsulation kind, byte[] backend, int guePort, byte[] inner) {
    private static final int IPIP = 4;
    private static final int IPV6_IN_IP = 41;
    private static final int GRE = 47;

    /** {@code outer}: put together, if it came in fragments. */
    static Tunnel read(OuterPacket outer) {
        byte[] payload = outer.payload();
        return switch (outer.protocol()) {
            case IPIP, IPV6_IN_IP -> of(Encapsulation.IPIP, outer, 0, 0, outer.protocol() == IPV6_IN_IP);
            case GRE -> {
                unless(payload.length >= 4 && u16(payload, 0) == 0, "GRE flags and version");
                unless(u16(payload, 2) == 0x0800 || u16(payload, 2) == 0x86dd, "GRE protocol type");
                yield of(Encapsulation.GRE, outer, 4, 0, u16(payload, 2) == 0x86dd);
            }
            case ClientPacket.UDP -> {
                unless(payload.length >= 12 && u16(payload, 4) == payload.length, "UDP length");
                unless(u16(payload, 0) >= 49_152, "GUE source port");
                unless(u16(payload, 6) == 0, "UDP checksum");
                unless(u8(payload, 8) == 0 && u16(payload, 10) == 0, "GUE version, length, flags");
                unless(u8(payload, 9) == IPIP || u8(payload, 9) == IPV6_IN_IP, "GUE protocol");
                yield of(Encapsulation.GUE, outer, 12, u16(payload, 2), u8(payload, 9) == IPV6_IN_IP);
            }
            default -> throw new BrokenPromise("outer protocol " + outer.protocol());
        };
    }

    private static Tunnel of(Encapsulation kind, OuterPacket outer, int headerBytes, int guePort, boolean innerIpv6) {
        byte[] inner = Arrays.copyOfRange(outer.payload(), headerBytes, outer.payload().length);
        unless(inner.length >= 20 && u8(inner, 0) >> 4 == (innerIpv6 ? 6 : 4), "inner version");
        return new Tunnel(kind, outer.destination(), guePort, inner);
    }
}
