package io.l4lb.bpf;

import static io.l4lb.bpf.Frames.IPV4;
import static io.l4lb.bpf.Frames.IPV6;
import static io.l4lb.bpf.Frames.PROTOCOL_GRE;
import static io.l4lb.bpf.Frames.PROTOCOL_UDP;
import static io.l4lb.bpf.Frames.hex;
import static io.l4lb.bpf.Frames.join;
import static io.l4lb.bpf.Frames.outer;
import static io.l4lb.bpf.Frames.protocolOf;
import static io.l4lb.bpf.Frames.udp;

/** Every form of a tunnel that {@code decapsulate.bpf.c} strips, with the row of its counters. */
enum Tunnel {
    IPIP(0),
    GUE(1),
    GUE_WITH_3_WORDS(1),
    GUE_WITH_31_WORDS(1),
    GUE_VARIANT_1(2),
    GRE(3),
    GRE_WITH_KEY(3),
    GRE_WITH_CHECKSUM_AND_SEQUENCE(3),
    GRE_WITH_ALL_FIELDS(3);

    static final int GUE_L4_PORT = 6080;

    private final int row;

    Tunnel(int row) {
        this.row = row;
    }

    int counterIndex(boolean outerIpv6, boolean innerIpv6) {
        return row * 4 + (outerIpv6 ? 2 : 0) + (innerIpv6 ? 1 : 0);
    }

    /** {@return the inner packet inside this tunnel, as an IP packet} */
    byte[] wrap(boolean outerIpv6, int trafficClass, byte[] inner) {
        return switch (this) {
            case IPIP -> outer(outerIpv6, protocolOf(inner), trafficClass, inner);
            case GUE -> gue(outerIpv6, trafficClass, 0, inner);
            case GUE_WITH_3_WORDS -> gue(outerIpv6, trafficClass, 3, inner);
            case GUE_WITH_31_WORDS -> gue(outerIpv6, trafficClass, 31, inner);
            case GUE_VARIANT_1 -> outer(outerIpv6, PROTOCOL_UDP, trafficClass, udp(GUE_L4_PORT, inner));
            case GRE -> gre(outerIpv6, trafficClass, 0, 0, inner);
            case GRE_WITH_KEY -> gre(outerIpv6, trafficClass, 0x20, 1, inner);
            case GRE_WITH_CHECKSUM_AND_SEQUENCE -> gre(outerIpv6, trafficClass, 0x90, 2, inner);
            case GRE_WITH_ALL_FIELDS -> gre(outerIpv6, trafficClass, 0xb0, 3, inner);
        };
    }

    private static byte[] gue(boolean outerIpv6, int trafficClass, int words, byte[] inner) {
        byte[] header = hex("%02x%02x0000".formatted(words, protocolOf(inner)));
        return outer(outerIpv6, PROTOCOL_UDP, trafficClass, udp(GUE_L4_PORT, join(header, new byte[words * 4], inner)));
    }

    private static byte[] gre(boolean outerIpv6, int trafficClass, int flags, int fields, byte[] inner) {
        byte[] header = hex("%02x00%04x".formatted(flags, inner[0] >> 4 == 6 ? IPV6 : IPV4));
        return outer(outerIpv6, PROTOCOL_GRE, trafficClass, join(header, new byte[fields * 4], inner));
    }
}
