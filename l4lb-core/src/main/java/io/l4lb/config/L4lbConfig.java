package io.l4lb.config;

import java.util.List;

/**
 * A whole configuration that {@code ConfigReader} found without fault.
 *
 * @param pools one or more, names unique
 * @param vips one or more, names unique, address + protocol + l4Port unique, each naming a pool of {@code pools}
 */
public record L4lbConfig(NodeConfig node, DataplaneConfig dataplane, List<PoolConfig> pools, List<VipConfig> vips) {
    public L4lbConfig {
        pools = List.copyOf(pools);
        vips = List.copyOf(vips);
    }

    /** {@return the pool that {@code vip} names} */
    public PoolConfig poolOf(VipConfig vip) {
        return pools.stream()
                .filter(pool -> pool.name().equals(vip.pool()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no pool " + vip.pool()));
    }
}
