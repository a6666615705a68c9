package io.l4lb.config;

import java.util.List;
import java.util.Optional;

/**
 * Backends among which flows are spread.
 *
 * @param tableSize slots of its Maglev table, a prime
 * @param backends one or more, names and addresses unique, in the order of the file
 * @param healthCheck empty: every backend counts as up
 * @param slowStartSeconds over which a backend that comes up is given its weight, step by step; 0: at once
 */
public record PoolConfig(
        String name,
        int tableSize,
        List<BackendConfig> backends,
        Optional<HealthCheckConfig> healthCheck,
        int slowStartSeconds) {
    public static final int DEFAULT_TABLE_SIZE = 65_537;
    public static final int DEFAULT_SLOW_START_SECONDS = 0;
    public static final int MAX_SLOW_START_SECONDS = 3600;

    public PoolConfig {
        backends = List.copyOf(backends);
    }
}
