package io.l4lb.config;

import java.nio.file.Path;

/**
 * Who this node is.
 *
 * @param id unique in the cluster
 * @param stateDirectory absolute; journals, counters, what the operator has set, and the admin socket
 * @param watch whether the node reloads by itself when the configuration file changes
 */
public record NodeConfig(String id, Path stateDirectory, boolean watch) {
    public static final Path DEFAULT_STATE_DIRECTORY = Path.of("/var/lib/l4lb");
}
