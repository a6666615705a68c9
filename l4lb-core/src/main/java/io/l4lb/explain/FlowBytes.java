package io.l4lb.explain;

import io.l4lb.flow.FlowHash;
import io.l4lb.flow.SourceMask;
import io.l4lb.forwarding.VipTable;
import io.l4lb.forwarding.VipTableBuilder;
import io.l4lb.net.Affinity;
import io.l4lb.pin.FlowKey;

/** A flow as the data plane reads it from a packet on a little-endian machine. */
public record FlowBytes(FlowSpec flow) {
    /** {@return the value of the flow's VIP in that table, or {@link VipTable#NONE}} */
    public long vipOf(VipTable vips) {
        long low = VipTableBuilder.memoryOrderLow(flow.destination());
        int protocol = flow.protocol().number();
        int l4PortBe = swap(flow.destinationL4Port());
        return flow.destination().ipv6()
                ? vips.ipv6VipOf(VipTableBuilder.memoryOrderHigh(flow.destination()), low, protocol, l4PortBe)
                : vips.ipv4VipOf(low, protocol, l4PortBe);
    }

    /** {@return the hash by which its flow table entry is found} */
    public long hash(long vipSeed) {
        return flow.source().ipv6()
                ? FlowHash.ipv6(clientHigh(), clientLow(), l4Ports(), vipSeed)
                : FlowHash.ipv4(clientLow(), vipSeed);
    }

    /** {@return the hash that chooses its slot} */
    public long slotHash(long vipSeed, Affinity affinity) {
        long low = VipTableBuilder.memoryOrderLow(flow.source());
        return affinity.isSource()
                ? SourceMask.of(affinity, flow.source().ipv6()).hash(clientHigh(), low, vipSeed)
                : hash(vipSeed);
    }

    /** {@return what a worker's flow table knows it by} */
    public FlowKey key(int vip, long vipSeed) {
        return new FlowKey(flow.source().ipv6(), vip, clientHigh(), clientLow(), l4Ports(), hash(vipSeed));
    }

    private long clientHigh() {
        return VipTableBuilder.memoryOrderHigh(flow.source());
    }

    private long clientLow() {
        long low = VipTableBuilder.memoryOrderLow(flow.source());
        return flow.source().ipv6() ? low : (low << Integer.SIZE) | Integer.toUnsignedLong(l4Ports());
    }

    private int l4Ports() {
        return swap(flow.sourceL4Port()) | (swap(flow.destinationL4Port()) << Short.SIZE);
    }

    private static int swap(int l4Port) {
        return Short.toUnsignedInt(Short.reverseBytes((short) l4Port));
    }
}
