package io.l4lb.fragment;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowEvent;
import io.l4lb.packet.Ipv6Extensions;
import io.l4lb.packet.L4Descriptor;

/**
 * Layer 4 of a first fragment, which has to be all in it as far as anybody on the way decides by it: TCP's 20 bytes (RFC 1858), UDP's 8,
 * and all of IPv6's extension headers (RFC 7112). One object a worker, read anew for each first fragment.
 */
final class FirstFragment {
    static final int SOUND = -1;
    private static final int DROP_TINY = Verdict.drop(DropReason.FRAGMENT_TINY);
    private static final int DROP_PROTOCOL = Verdict.drop(DropReason.FRAGMENT_PROTOCOL);
    private static final int DROP_EXTENSION_LIMIT = Verdict.drop(DropReason.IPV6_EXTENSION_LIMIT);
    private static final int DROP_TCP_DATA_OFFSET = Verdict.drop(DropReason.TCP_DATA_OFFSET);
    private static final int DROP_UDP_LENGTH = Verdict.drop(DropReason.UDP_LENGTH);

    int protocol;
    int ports;
    /** The {@link FlowEvent}. */
    int event;

    /** {@return {@link #SOUND}, or the verdict on it} */
    int read(FragmentHeader header, long[] columns, int i) {
        long l4 = Burst.l4Address(columns, i);
        long end = Burst.l3Address(columns, i) + Burst.l3Length(columns, i);
        protocol = header.protocol;
        if (!header.ipv4) {
            long walk = Ipv6Extensions.walk(protocol, l4, end);
            protocol = Ipv6Extensions.header(walk);
            if (protocol == Ipv6Extensions.TOO_MANY) {
                return DROP_EXTENSION_LIMIT;
            }
            if (protocol
                    >= Ipv6Extensions.FRAGMENT) { // truncated; or a fragment of a fragment, whose L4 may be elsewhere
                return DROP_TINY;
            }
            l4 += Ipv6Extensions.lengthBytes(walk);
        }
        return switch (protocol) {
            case L4Descriptor.TCP -> tcp(l4, end);
            case L4Descriptor.UDP -> udp(l4, end);
            default -> DROP_PROTOCOL;
        };
    }

    private int tcp(long l4, long end) {
        if (end - l4 < L4Descriptor.TCP_LENGTH_BYTES) {
            return DROP_TINY;
        }
        int headerLength = Memory.getUnsignedByte(l4 + L4Descriptor.TCP_DATA_OFFSET_OFFSET) >> 4 << 2;
        if (headerLength < L4Descriptor.TCP_LENGTH_BYTES) {
            return DROP_TCP_DATA_OFFSET;
        }
        ports = Memory.getInt(l4);
        event = FlowEvent.ofTcpFlags(Memory.getUnsignedByte(l4 + L4Descriptor.TCP_FLAGS_OFFSET));
        return SOUND;
    }

    private int udp(long l4, long end) {
        if (end - l4 < L4Descriptor.UDP_LENGTH_BYTES) {
            return DROP_TINY;
        }
        int length = Short.toUnsignedInt(Short.reverseBytes(Memory.getShort(l4 + L4Descriptor.UDP_LENGTH_OFFSET)));
        if (length < L4Descriptor.UDP_LENGTH_BYTES) {
            return DROP_UDP_LENGTH;
        }
        ports = Memory.getInt(l4);
        event = FlowEvent.DATA;
        return SOUND;
    }
}
