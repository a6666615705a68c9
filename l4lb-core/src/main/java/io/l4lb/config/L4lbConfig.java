package io.l4lb.config;

import io.l4lb.config.announce.AnnounceConfig;
import io.l4lb.config.replication.ReplicationConfig;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.net.Protocol;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * A whole configuration that {@code ConfigReader} found without fault.
 *
 * @param announce empty: routers learn of the VIPs in some other way
 * @param replication empty: the node tells nobody of its flows, and forgets them when it stops
 * @param pools one or more, names unique
 * @param vips one or more, names unique, address + protocol + l4Port unique, each naming pools of {@code pools}
 */
public record L4lbConfig(
        NodeConfig node,
        DataplaneConfig dataplane,
        Optional<AnnounceConfig> announce,
        Optional<ReplicationConfig> replication,
        List<PoolConfig> pools,
        List<VipConfig> vips) {
    public L4lbConfig {
        pools = List.copyOf(pools);
        vips = List.copyOf(vips);
    }

    /** One whose VIPs nobody announces, and whose flows nobody else knows. */
    public L4lbConfig(NodeConfig node, DataplaneConfig dataplane, List<PoolConfig> pools, List<VipConfig> vips) {
        this(node, dataplane, Optional.empty(), Optional.empty(), pools, vips);
    }

    /** {@return the pools that {@code vip} names, in its order} */
    public List<PoolConfig> poolsOf(VipConfig vip) {
        return vip.pools().stream().map(share -> pool(share.pool())).toList();
    }

    private PoolConfig pool(String name) {
        return pools.stream()
                .filter(pool -> pool.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no pool " + name));
    }

    /**
     * {@return how long flows may be idle, by numbers of VIPs}
     *
     * @param number of a VIP; where several have one, as VIPs of an address do among the replicas, the longest time of theirs holds
     */
    public FlowTimeouts timeouts(ToIntFunction<VipConfig> number) {
        FlowTableConfig flows = dataplane.flowTable();
        FlowTimeouts timeouts = new FlowTimeouts(flows.tcpIdleSeconds(), flows.udpIdleSeconds());
        if (!hasIdleTimes()) {
            return timeouts;
        }
        Map<Integer, Integer> seconds = new HashMap<>();
        for (VipConfig vip : vips) {
            int ofProtocol = vip.protocol() == Protocol.UDP ? flows.udpIdleSeconds() : flows.tcpIdleSeconds();
            int own = vip.terms().idleSeconds();
            seconds.merge(number.applyAsInt(vip), own == 0 ? ofProtocol : own, Math::max);
        }
        // a VIP that found no room for a number has one below 1
        int[] byNumber = new int
                [Math.max(0, seconds.keySet().stream().max(Integer::compare).orElse(0)) + 1];
        seconds.forEach((its, time) -> byNumber[Math.max(0, its)] = time);
        return timeouts.withIdle(byNumber);
    }

    /** {@return whether any VIP has an idle time of its own} */
    public boolean hasIdleTimes() {
        return vips.stream().anyMatch(vip -> vip.terms().idleSeconds() != 0);
    }
}
