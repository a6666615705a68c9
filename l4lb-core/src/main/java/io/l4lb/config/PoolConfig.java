package io.l4lb.config;

import java.util.List;
import java.util.Optional;

/**
 * Backends among which flows are spread.
 *
 * @param tableSize slots of its Maglev table, a prime
 * @param backends one or more, names and addresses unique, in the order of the file
 * @param healthCheck empty: every backend counts as up
 */
public record PoolConfig(
        String name, int tableSize, List<BackendConfig> backends, Optional<HealthCheckConfig> healthCheck) {
    public static final int DEFAULT_TABLE_SIZE = 65_537;

    public PoolConfig {
        backends = List.copyOf(backends);
    }
}
