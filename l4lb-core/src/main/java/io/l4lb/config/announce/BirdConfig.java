package io.l4lb.config.announce;

import io.l4lb.net.IpAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What BIRD is told.
 *
 * @param configFile written by l4lb, included by the daemon's own configuration
 * @param controlSocket of the daemon
 * @param localAs this node's autonomous system
 * @param localIpv4 this node's address for routers: of IPv4 sessions, and next hop of IPv4 VIPs
 * @param localIpv6 likewise
 * @param bfdIntervalMs between two BFD packets
 * @param bfdMultiplier so many missing packets, and the neighbour counts as gone
 * @param neighbours one or more
 */
public record BirdConfig(
        Path configFile,
        Path controlSocket,
        long localAs,
        Optional<IpAddress> localIpv4,
        Optional<IpAddress> localIpv6,
        int bfdIntervalMs,
        int bfdMultiplier,
        List<NeighbourConfig> neighbours) {
    public static final Path DEFAULT_CONFIG_FILE = Path.of("/etc/bird/l4lb.conf");
    public static final Path DEFAULT_CONTROL_SOCKET = Path.of("/run/bird/bird.ctl");
    public static final int DEFAULT_BFD_INTERVAL_MS = 50;
    public static final int DEFAULT_BFD_MULTIPLIER = 3;

    public BirdConfig {
        neighbours = List.copyOf(neighbours);
    }

    /**
     * A router.
     *
     * @param as its autonomous system
     * @param bfd whether BFD watches the path to it
     */
    public record NeighbourConfig(IpAddress address, long as, boolean bfd) {}
}
