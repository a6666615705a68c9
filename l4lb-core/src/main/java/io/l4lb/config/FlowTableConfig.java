package io.l4lb.config;

import io.l4lb.config.access.FlowTerms;

/**
 * How many flows each worker remembers, and for how long.
 *
 * @param flows per worker
 * @param tcpIdleSeconds without a packet, after which a TCP flow may be forgotten
 * @param udpIdleSeconds the same for UDP
 */
public record FlowTableConfig(int flows, int tcpIdleSeconds, int udpIdleSeconds) {
    /** At most 32 bytes for IPv4 and 64 for IPv6 each: 96 MiB per worker. */
    public static final int DEFAULT_FLOWS = 1 << 20;

    public static final int MIN_FLOWS = 16;
    public static final int MAX_FLOWS = 1 << 28;

    public static final int DEFAULT_TCP_IDLE_SECONDS = 900;
    public static final int DEFAULT_UDP_IDLE_SECONDS = 60;
    public static final int MAX_IDLE_SECONDS = FlowTerms.MAX_IDLE_SECONDS;

    public static final FlowTableConfig DEFAULT =
            new FlowTableConfig(DEFAULT_FLOWS, DEFAULT_TCP_IDLE_SECONDS, DEFAULT_UDP_IDLE_SECONDS);
}
