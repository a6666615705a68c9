package io.l4lb.explain;

import io.l4lb.cid.CidScheme;
import io.l4lb.cid.ServerId;
import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.config.access.AccessList;
import io.l4lb.forwarding.ForwardingNumbers.VipKey;
import io.l4lb.forwarding.MaglevTables;
import io.l4lb.forwarding.VipTable;
import io.l4lb.forwarding.VipTableBuilder;
import io.l4lb.hash.MaglevMix;
import io.l4lb.hash.MaglevTable;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Answers for one configuration. Needs no DPDK. One thread. */
public final class Explainer implements AutoCloseable {
    private final L4lbConfig config;
    private final VipTable vips;
    private final Map<String, MaglevTable> maglevTables = new HashMap<>();

    public Explainer(L4lbConfig config) {
        this.config = config;
        VipTableBuilder builder = new VipTableBuilder();
        List<VipConfig> all = config.vips();
        for (int i = 0; i < all.size(); i++) {
            builder.add(all.get(i), i + 1, VipKey.of(all.get(i)).seed());
        }
        this.vips = builder.build();
    }

    /** {@return what would become of a flow that is not pinned yet} */
    public Explanation explain(FlowSpec flow) {
        FlowBytes bytes = new FlowBytes(flow);
        long value = bytes.vipOf(vips);
        if (value == VipTable.NONE) {
            return new Explanation.Punted(
                    flow,
                    isVipAddress(flow.destination())
                            ? flow.destination() + " is a VIP's address, but no VIP there has "
                                    + flow.protocol().label() + " l4Port " + flow.destinationL4Port()
                            : flow.destination() + " is not a VIP's address");
        }
        VipConfig vip = config.vips().get(VipTable.number(value) - 1);
        Optional<AccessList> list = vip.terms().accessList();
        if (list.filter(each -> !each.allows(flow.source())).isPresent()) {
            return new Explanation.Denied(flow, vip, list.get());
        }
        List<PoolConfig> pools = config.poolsOf(vip);
        List<MaglevTable> tables = pools.stream().map(this::maglev).toList();
        MaglevMix mix = MaglevTables.mix(
                vip.pools(),
                pools,
                tables.stream()
                        .mapToInt(maglev -> maglev.isEmpty() ? 0 : maglev.slotCount())
                        .toArray());
        if (mix.slotCount() == 0) {
            return new Explanation.NoBackend(flow, vip);
        }
        long hash = bytes.slotHash(VipKey.of(vip).seed(), vip.affinity());
        int slot = MaglevTable.slotOf(hash, mix.slotCount());
        PoolConfig pool = pools.get(mix.tableAt(slot));
        BackendConfig backend =
                pool.backends().get(tables.get(mix.tableAt(slot)).backendAt(mix.slotInTable(slot)));
        return new Explanation.Forwarded(
                flow,
                vip,
                pool,
                mix.slotCount(),
                hash,
                slot,
                backend,
                outerSource(vip, backend),
                nextHop(vip, backend));
    }

    private MaglevTable maglev(PoolConfig pool) {
        return maglevTables.computeIfAbsent(pool.name(), name -> MaglevTables.configured(pool));
    }

    /** {@return what would become of a QUIC packet of that flow with that destination connection ID} */
    public Explanation explain(FlowSpec flow, ConnectionIdText connectionId) {
        Explanation byFlow = explain(flow);
        long value = new FlowBytes(flow).vipOf(vips);
        if (value == VipTable.NONE || byFlow instanceof Explanation.Denied) {
            return byFlow;
        }
        VipConfig vip = config.vips().get(VipTable.number(value) - 1);
        if (vip.quic().isEmpty()) {
            return new Explanation.NotByConnectionId("VIP " + vip.name() + " has no quic", byFlow);
        }
        ConnectionIdText.Reading reading = connectionId.readBy(vip.quic().get());
        if (reading.serverId().isEmpty()) {
            return new Explanation.NotByConnectionId(reading.trouble(), byFlow);
        }
        CidScheme scheme = reading.scheme().orElseThrow();
        ServerId serverId = reading.serverId().get();
        for (PoolConfig pool : config.poolsOf(vip)) {
            for (BackendConfig backend : pool.backends()) {
                if (backend.quicServerId().equals(reading.serverId())) {
                    return new Explanation.ByConnectionId(
                            flow,
                            vip,
                            pool,
                            scheme,
                            serverId,
                            backend,
                            outerSource(vip, backend),
                            nextHop(vip, backend));
                }
            }
        }
        return new Explanation.NotByConnectionId(
                "no backend of VIP " + vip.name() + " has the server ID " + serverId + " (configuration " + scheme.id()
                        + ")",
                byFlow);
    }

    private boolean isVipAddress(IpAddress address) {
        long low = VipTableBuilder.memoryOrderLow(address);
        return address.ipv6()
                ? vips.isIpv6VipAddress(VipTableBuilder.memoryOrderHigh(address), low)
                : vips.isIpv4VipAddress(low);
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

    @Override
    public void close() {
        vips.close();
    }
}
