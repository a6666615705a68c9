package io.l4lb.config;

import java.nio.file.Path;

/**
 * Who this node is.
 *
 * @param id unique in the cluster
 * @param stateDirectory absolute; journals and counters
 */
public record NodeConfig(String id, Path stateDirectory) {
    public static final Path DEFAULT_STATE_DIRECTORY = Path.of("/var/lib/l4lb");
}
