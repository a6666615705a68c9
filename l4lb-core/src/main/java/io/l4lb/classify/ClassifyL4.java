package io.l4lb.classify;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowEvent;
import io.l4lb.packet.L4Descriptor;

/** Layer 4 behind a VIP's address, the same for both families: lengths that must agree, fragments. Worker thread. */
final class ClassifyL4 {
    static final int SOUND = -1;
    static final int DROP_ICMP_TRUNCATED = Verdict.drop(DropReason.ICMP_TRUNCATED);
    /** For no backend: redirects hold on one link (RFC 1122, section 3.2.2.2; RFC 4861, section 8), source quench nowhere (RFC 6633). */
    static final int DROP_ICMP_IGNORED = Verdict.drop(DropReason.ICMP_IGNORED);

    private static final int DROP_TCP_TRUNCATED = Verdict.drop(DropReason.TCP_TRUNCATED);
    private static final int DROP_TCP_DATA_OFFSET = Verdict.drop(DropReason.TCP_DATA_OFFSET);
    private static final int DROP_UDP_TRUNCATED = Verdict.drop(DropReason.UDP_TRUNCATED);
    private static final int DROP_UDP_LENGTH = Verdict.drop(DropReason.UDP_LENGTH);

    private ClassifyL4() {}

    /** {@return whether it is TCP or UDP with lengths that agree} */
    static boolean isSound(int protocol, long l4, int l4Length) {
        if (protocol == L4Descriptor.TCP) {
            return unsoundTcp(l4, l4Length) == SOUND;
        }
        return protocol == L4Descriptor.UDP && unsoundUdp(l4, l4Length) == SOUND;
    }

    /** {@return whether it is TCP or UDP and both L4 ports are there} */
    static boolean hasPorts(int protocol, int l4Length) {
        return (protocol == L4Descriptor.TCP || protocol == L4Descriptor.UDP)
                && l4Length >= L4Descriptor.PORTS_LENGTH_BYTES;
    }

    /** {@return {@link #SOUND}, or the verdict on a TCP or UDP header whose lengths do not agree} */
    static int unsound(int protocol, long l4, int l4Length) {
        return protocol == L4Descriptor.TCP ? unsoundTcp(l4, l4Length) : unsoundUdp(l4, l4Length);
    }

    private static int unsoundTcp(long l4, int l4Length) {
        if (l4Length < L4Descriptor.TCP_LENGTH_BYTES) {
            return DROP_TCP_TRUNCATED;
        }
        int headerLength = Memory.getUnsignedByte(l4 + L4Descriptor.TCP_DATA_OFFSET_OFFSET) >> 4 << 2;
        return headerLength < L4Descriptor.TCP_LENGTH_BYTES || headerLength > l4Length ? DROP_TCP_DATA_OFFSET : SOUND;
    }

    private static int unsoundUdp(long l4, int l4Length) {
        if (l4Length < L4Descriptor.UDP_LENGTH_BYTES) {
            return DROP_UDP_TRUNCATED;
        }
        int length = Short.toUnsignedInt(Short.reverseBytes(Memory.getShort(l4 + L4Descriptor.UDP_LENGTH_OFFSET)));
        return length < L4Descriptor.UDP_LENGTH_BYTES || length > l4Length ? DROP_UDP_LENGTH : SOUND;
    }

    /** {@return what a sound TCP or UDP packet says of its flow's life} */
    static int event(int protocol, long l4) {
        return protocol == L4Descriptor.TCP
                ? FlowEvent.ofTcpFlags(Memory.getUnsignedByte(l4 + L4Descriptor.TCP_FLAGS_OFFSET))
                : FlowEvent.DATA;
    }

    /** {@return the verdict on a packet that is neither ICMP nor for a VIP, but has a VIP's address} */
    static int notForVip(int protocol, long l4, int l4Length) {
        if (protocol == Burst.FRAGMENT) {
            return Verdict.CLIENT_FRAGMENT;
        }
        if (protocol == L4Descriptor.TCP || protocol == L4Descriptor.UDP) {
            int unsound = unsound(protocol, l4, l4Length);
            if (unsound == SOUND) {
                return protocol == L4Descriptor.UDP ? Verdict.UDP_UNSERVED : Verdict.PUNT;
            }
            return unsound;
        }
        return Verdict.PUNT;
    }
}
