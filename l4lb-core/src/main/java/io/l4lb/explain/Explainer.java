package io.l4lb.explain;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.forwarding.FlowHash;
import io.l4lb.forwarding.ForwardingNumbers.VipKey;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.forwarding.VipTable;
import io.l4lb.forwarding.VipTableBuilder;
import io.l4lb.hash.MaglevTable;
import io.l4lb.net.Affinity;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Answers for one configuration. Needs no DPDK. One thread. */
public final class Explainer {
    private final L4lbConfig config;
    private final VipTable vips;
    private final Map<String, MaglevTable> maglevTables = new HashMap<>();

    public Explainer(L4lbConfig config) {
        this.config = config;
        VipTableBuilder builder = new VipTableBuilder();
        List<VipConfig> all = config.vips();
        for (int i = 0; i < all.size(); i++) {
            builder.add(all.get(i), i + 1);
        }
        this.vips = builder.build();
    }

    /** {@return what would become of a flow that is not pinned yet} */
    public Explanation explain(FlowSpec flow) {
        int number = vipOf(flow);
        if (number == VipTable.NONE) {
            return new Explanation.Punted(
                    flow,
                    isVipAddress(flow.destination())
                            ? flow.destination() + " is a VIP's address, but no VIP there has "
                                    + flow.protocol().label() + " l4Port " + flow.destinationL4Port()
                            : flow.destination() + " is not a VIP's address");
        }
        VipConfig vip = config.vips().get(number - 1);
        PoolConfig pool = config.poolOf(vip);
        MaglevTable maglev = maglevTables.computeIfAbsent(pool.name(), name -> ForwardingTableBuilder.maglev(pool));
        if (maglev.isEmpty()) {
            return new Explanation.NoBackend(flow, vip, pool);
        }
        long hash = hash(flow, vip);
        int slot = MaglevTable.slotOf(hash, maglev.slotCount());
        BackendConfig backend = pool.backends().get(maglev.backendAt(slot));
        return new Explanation.Forwarded(
                flow, vip, pool, hash, slot, backend, outerSource(vip, backend), nextHop(vip, backend));
    }

    private int vipOf(FlowSpec flow) {
        long low = VipTableBuilder.memoryOrderLow(flow.destination());
        int protocol = flow.protocol().number();
        int l4PortBe = swap(flow.destinationL4Port());
        return flow.destination().ipv6()
                ? vips.ipv6VipOf(VipTableBuilder.memoryOrderHigh(flow.destination()), low, protocol, l4PortBe)
                : vips.ipv4VipOf(low, protocol, l4PortBe);
    }

    private boolean isVipAddress(IpAddress address) {
        long low = VipTableBuilder.memoryOrderLow(address);
        return address.ipv6()
                ? vips.isIpv6VipAddress(VipTableBuilder.memoryOrderHigh(address), low)
                : vips.isIpv4VipAddress(low);
    }

    private static long hash(FlowSpec flow, VipConfig vip) {
        long seed = VipKey.of(vip).seed();
        long high = VipTableBuilder.memoryOrderHigh(flow.source());
        long low = VipTableBuilder.memoryOrderLow(flow.source());
        int ports = swap(flow.sourceL4Port()) | (swap(flow.destinationL4Port()) << Short.SIZE);
        if (vip.affinity() == Affinity.SOURCE) {
            return FlowHash.source(high, low, seed);
        }
        return flow.source().ipv6()
                ? FlowHash.ipv6(high, low, ports, seed)
                : FlowHash.ipv4((low << Integer.SIZE) | Integer.toUnsignedLong(ports), seed);
    }

    private Optional<IpAddress> outerSource(VipConfig vip, BackendConfig backend) {
        if (vip.encapsulation() == Encapsulation.L2) {
            return Optional.empty();
        }
        return backend.address().ipv6()
                ? config.dataplane().outerSource().ipv6()
                : config.dataplane().outerSource().ipv4();
    }

    private String nextHop(VipConfig vip, BackendConfig backend) {
        if (vip.encapsulation() == Encapsulation.L2) {
            return backend.mac().map(MacAddress::toString).orElseThrow();
        }
        return config.dataplane().nextHop().map(MacAddress::toString).orElse("kernel");
    }

    /** An L4 port as a little-endian machine reads it from a packet. */
    private static int swap(int l4Port) {
        return Short.toUnsignedInt(Short.reverseBytes((short) l4Port));
    }
}
