package io.l4lb.parse;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.counters.DropReason;
import io.l4lb.dpdk.Memory;
import io.l4lb.packet.EthernetDescriptor;

/**
 * Walks the link headers of each frame and hands IP packets to {@link ParseIpv4} or {@link ParseIpv6}.
 *
 * <p>Nothing is read beyond {@code frameLength}. What is not IP, or lies under more than two tags, is punted. Worker
 * thread.
 */
public final class Parse {
    private static final int DROP_TRUNCATED = Verdict.drop(DropReason.ETHERNET_TRUNCATED);

    private Parse() {}

    /** Fills the l3 and l4 columns and the verdict of every packet of the burst. */
    public static void run(Burst burst) {
        int count = burst.count;
        long[] columns = burst.columns();
        for (int i = 0; i < count; i++) {
            if (Burst.verdict(columns, i) < Verdict.DROP) {
                Burst.verdict(
                        columns, i, frame(columns, i, Burst.frameAddress(columns, i), Burst.frameLength(columns, i)));
            }
        }
    }

    private static int frame(long[] columns, int i, long frame, int length) {
        if (length < EthernetDescriptor.LENGTH_BYTES) {
            return DROP_TRUNCATED;
        }
        int etherTypeBe = Memory.getUnsignedShort(frame + EthernetDescriptor.ETHER_TYPE_OFFSET);
        if (etherTypeBe == EthernetDescriptor.ETHER_TYPE_IPV4_BE
                || etherTypeBe == EthernetDescriptor.ETHER_TYPE_IPV6_BE) {
            return ip(columns, i, etherTypeBe, frame, length, EthernetDescriptor.LENGTH_BYTES);
        }
        return EthernetDescriptor.isVlanTag(etherTypeBe) ? tagged(columns, i, frame, length) : Verdict.PUNT;
    }

    private static int tagged(long[] columns, int i, long frame, int length) {
        int l3Offset = EthernetDescriptor.LENGTH_BYTES;
        int etherTypeBe = EthernetDescriptor.ETHER_TYPE_VLAN_BE;
        for (int tags = 0;
                tags < EthernetDescriptor.VLAN_TAGS_MAX && EthernetDescriptor.isVlanTag(etherTypeBe);
                tags++) {
            l3Offset += EthernetDescriptor.VLAN_TAG_LENGTH_BYTES;
            if (length < l3Offset) {
                return DROP_TRUNCATED;
            }
            etherTypeBe = Memory.getUnsignedShort(frame + l3Offset - Short.BYTES);
        }
        return ip(columns, i, etherTypeBe, frame, length, l3Offset);
    }

    private static int ip(long[] columns, int i, int etherTypeBe, long frame, int length, int l3Offset) {
        return switch (etherTypeBe) {
            case EthernetDescriptor.ETHER_TYPE_IPV4_BE ->
                ParseIpv4.packet(columns, i, frame + l3Offset, length - l3Offset);
            case EthernetDescriptor.ETHER_TYPE_IPV6_BE ->
                ParseIpv6.packet(columns, i, frame + l3Offset, length - l3Offset);
            default -> Verdict.PUNT;
        };
    }
}
