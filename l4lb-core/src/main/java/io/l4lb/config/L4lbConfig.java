package io.l4lb.config;

import io.l4lb.config.announce.AnnounceConfig;
import io.l4lb.config.replication.ReplicationConfig;
import java.util.List;
import java.util.Optional;

/**
 * A whole configuration that {@code ConfigReader} found without fault.
 *
 * @param announce empty: routers learn of the VIPs in some other way
 * @param replication empty: the node tells nobody of its flows, and forgets them when it stops
 * @param pools one or more, names unique
 * @param vips one or more, names unique, address + protocol + l4Port unique, each naming a pool of {@code pools}
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

    /** {@return the pool that {@code vip} names} */
    public PoolConfig poolOf(VipConfig vip) {
        return pools.stream()
                .filter(pool -> pool.name().equals(vip.pool()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no pool " + vip.pool()));
    }
}
