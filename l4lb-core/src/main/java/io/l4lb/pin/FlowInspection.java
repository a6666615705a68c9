package io.l4lb.pin;

import io.l4lb.dpdk.Memory;
import io.l4lb.flow.FlowStateDescriptor;

/**
 * Reads a worker's flow tables on request of the control side: one flow, or a part of them to count. Changes nothing.
 * Worker thread, between two bursts.
 */
public final class FlowInspection {
    private final Ipv4FlowTable ipv4;
    private final Ipv6FlowTable ipv6;

    FlowInspection(Ipv4FlowTable ipv4, Ipv6FlowTable ipv6) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
    }

    /** {@return the {@link FlowStateDescriptor} word of that flow, or 0 when it is not pinned here} */
    public long find(FlowKey flow, int tick) {
        FlowTable table = flow.ipv6() ? ipv6 : ipv4;
        long first = table.firstBucket(flow.hash());
        long second = table.secondBucket(flow.hash());
        long entry = flow.ipv6()
                ? Ipv6FlowTable.findInEither(
                        first, second, flow.clientHigh(), flow.clientLow(), flow.l4Ports(), flow.vip())
                : Ipv4FlowTable.findInEither(first, second, flow.clientLow(), flow.vip());
        long word = entry == 0 ? 0 : Memory.getLong(entry + table.stateOffset());
        return word != 0 && table.isLive(word, tick) ? word : 0;
    }

    /**
     * Adds up live flows.
     *
     * @param from first bucket, the IPv4 table's before the IPv6 table's
     * @param buckets how many
     * @param byCode by {@link FlowStateDescriptor#code}, added to
     * @return whether nothing is behind these buckets
     */
    public boolean count(int from, int buckets, int tick, long[] byCode) {
        int ipv4Buckets = ipv4.usedBuckets();
        int all = ipv4Buckets + ipv6.usedBuckets();
        int end = (int) Math.min((long) from + buckets, all);
        for (int bucket = from; bucket < end; bucket++) {
            if (bucket < ipv4Buckets) {
                ipv4.count(bucket, tick, byCode);
            } else {
                ipv6.count(bucket - ipv4Buckets, tick, byCode);
            }
        }
        return end >= all;
    }
}
