package io.l4lb.config.announce;

import java.util.Optional;

/**
 * How and when VIPs are announced.
 *
 * @param interfaceName of the tun device that the announced routes lead to; it vanishes with the node
 * @param kernelTable of the kernel, 1 to 255, in which an announced VIP has a route
 * @param minHealthyBackends that a VIP's pool needs for the VIP to be announced
 * @param returnSeconds how long all has to be well, after a withdrawal, before the VIP is announced again
 * @param returnSecondsMax what that grows to, doubling, when a VIP is withdrawn again and again
 * @param drainSeconds between the withdrawal and the end of forwarding, at an orderly stop
 * @param stallMs a worker's loop that stands still for longer has all VIPs withdrawn
 * @param bird the routing daemon that l4lb configures; empty: the operator's own takes the routes
 */
public record AnnounceConfig(
        String interfaceName,
        int kernelTable,
        int minHealthyBackends,
        int returnSeconds,
        int returnSecondsMax,
        int drainSeconds,
        int stallMs,
        Optional<BirdConfig> bird) {
    /** No daemon and no rule of the kernel's looks at it, so a route in it says something only to who asks. */
    public static final int DEFAULT_KERNEL_TABLE = 198;

    /**
     * Who made the route, as {@code ip route} shows it and routing daemons filter by it. Not one of 186 to 198: FRR takes those
     * for its own and does not look at them.
     */
    public static final int ROUTE_PROTOCOL = 145;

    public static final int MAX_KERNEL_TABLE = 254;
    public static final int DEFAULT_MIN_HEALTHY_BACKENDS = 1;
    public static final int MAX_MIN_HEALTHY_BACKENDS = 65_535;
    /** With the largest pause 60 s: 1, 2, 4, 8, 16, 32, 60, 60… */
    public static final int DEFAULT_RETURN_SECONDS = 1;

    public static final int DEFAULT_RETURN_SECONDS_MAX = 60;
    /** BGP and the routers' tables need 0.1 s; slow control planes some seconds. */
    public static final int DEFAULT_DRAIN_SECONDS = 5;

    public static final int MAX_SECONDS = 3600;
    public static final int DEFAULT_STALL_MS = 50;
    /** An idle worker sleeps 1 ms at a time; a node under a hypervisor is stopped for some milliseconds now and then. */
    public static final int MIN_STALL_MS = 10;

    public static final int MAX_STALL_MS = 10_000;
}
