package io.l4lb.forwarding;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig.PoolShare;
import io.l4lb.hash.MaglevMix;
import io.l4lb.hash.MaglevTable;
import io.l4lb.hash.MaglevTableBuilder;
import io.l4lb.net.IpAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The pools' Maglev tables, kept from one {@link ForwardingTable} to the next: filling one takes milliseconds, and most
 * changes are about one pool, or about none (next hops). One table a pool. One thread at a time.
 */
public final class MaglevTables {
    private record Shares(int slotCount, List<IpAddress> identities, List<Integer> weights) {}

    private record Filled(Shares shares, MaglevTable table) {}

    private final Map<String, Filled> byPool = new HashMap<>();

    /** {@return the table of a pool: slot to index in {@code pool.backends()}, which have those weights} */
    MaglevTable of(PoolConfig pool, List<Integer> weights) {
        Shares shares = new Shares(
                pool.tableSize(),
                pool.backends().stream().map(BackendConfig::address).toList(),
                weights);
        Filled filled = byPool.get(pool.name());
        if (filled == null || !filled.shares.equals(shares)) {
            filled = new Filled(shares, fill(shares));
            byPool.put(pool.name(), filled);
        }
        return filled.table;
    }

    private static MaglevTable fill(Shares shares) {
        MaglevTableBuilder builder = new MaglevTableBuilder(shares.slotCount);
        for (int i = 0; i < shares.weights.size(); i++) {
            builder.add(shares.identities.get(i).bytes(), shares.weights.get(i));
        }
        return builder.build();
    }

    /** {@return the table of a pool with the weights of the configuration, every backend up} */
    public static MaglevTable configured(PoolConfig pool) {
        return new MaglevTables()
                .of(pool, pool.backends().stream().map(BackendConfig::weight).toList());
    }

    /**
     * {@return which of a VIP's pools has a slot}
     *
     * @param pools in the order of the shares
     * @param slotCounts 0: the pool takes no new flows now
     */
    public static MaglevMix mix(List<PoolShare> shares, List<PoolConfig> pools, int... slotCounts) {
        return MaglevMix.of(
                shares.stream()
                        .map(share -> share.pool().getBytes(StandardCharsets.UTF_8))
                        .toList(),
                shares.stream().map(PoolShare::weight).toList(),
                pools.stream().mapToInt(PoolConfig::tableSize).max().orElseThrow(),
                slotCounts);
    }

    /** Forgets the pools that are gone. */
    void keepOnly(Set<String> pools) {
        byPool.keySet().retainAll(pools);
    }
}
