package io.l4lb.config;

import io.l4lb.config.access.FlowTerms;
import io.l4lb.config.quic.QuicConfig;
import io.l4lb.net.Affinity;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.net.Track;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What clients connect to.
 *
 * @param l4Port 1 .. 65535, or {@link #ANY_L4_PORT}
 * @param pools whose backends serve it, one or more, names unique
 * @param guePort UDP destination of the outer header; means nothing unless encapsulation is gue
 * @param whenAllDown what becomes of its packets while no backend that takes new flows is up
 * @param track which of its flows peers are told of; means nothing without replication
 * @param terms on which its flows are let in and kept
 * @param quic how its packets are routed by QUIC connection ID; there only with UDP
 */
public record VipConfig(
        String name,
        IpAddress address,
        Protocol protocol,
        int l4Port,
        List<PoolShare> pools,
        Encapsulation encapsulation,
        int guePort,
        Affinity affinity,
        WhenAllDown whenAllDown,
        Track track,
        FlowTerms terms,
        Optional<QuicConfig> quic) {
    public static final int ANY_L4_PORT = 0;
    /** Assigned to GUE by IANA. */
    public static final int DEFAULT_GUE_PORT = 6080;

    /** Health checks may be wrong, and then those of all backends together: what to believe. */
    public enum WhenAllDown {
        /** The packets: as if all backends were up. */
        FORWARD("forward"),
        /** The checks: packets are dropped and counted. */
        REJECT("reject");

        private final String label;

        WhenAllDown(String label) {
            this.label = label;
        }

        /** {@return the word in configuration and output} */
        public String label() {
            return label;
        }
    }

    /**
     * A pool's part in a VIP, which may have several (canary, blue and green).
     *
     * @param pool its name
     * @param weight its share of new flows, relative to those of the VIP's other pools; 0: only pinned flows
     */
    public record PoolShare(String pool, int weight) {
        public static final int MAX_WEIGHT = 10_000;
        public static final int DEFAULT_WEIGHT = 100;
    }

    public VipConfig {
        pools = List.copyOf(pools);
    }

    /** One of one pool, that lets everybody in and knows nothing of QUIC. */
    public VipConfig(
            String name,
            IpAddress address,
            Protocol protocol,
            int l4Port,
            String pool,
            Encapsulation encapsulation,
            int guePort,
            Affinity affinity,
            WhenAllDown whenAllDown,
            Track track) {
        this(
                name,
                address,
                protocol,
                l4Port,
                List.of(new PoolShare(pool, PoolShare.DEFAULT_WEIGHT)),
                encapsulation,
                guePort,
                affinity,
                whenAllDown,
                track,
                FlowTerms.DEFAULTS,
                Optional.empty());
    }

    /** One of one pool, of which peers are told what they are by default, and that lets everybody in. */
    public VipConfig(
            String name,
            IpAddress address,
            Protocol protocol,
            int l4Port,
            String pool,
            Encapsulation encapsulation,
            int guePort,
            Affinity affinity,
            WhenAllDown whenAllDown) {
        this(name, address, protocol, l4Port, pool, encapsulation, guePort, affinity, whenAllDown, Track.ESTABLISHED);
    }

    /** {@return the same VIP, its packets routed by QUIC connection ID} */
    public VipConfig withQuic(QuicConfig config) {
        return new VipConfig(
                name,
                address,
                protocol,
                l4Port,
                pools,
                encapsulation,
                guePort,
                affinity,
                whenAllDown,
                track,
                terms,
                Optional.of(config));
    }

    /** {@return whether backends of that pool serve it} */
    public boolean uses(String pool) {
        return pools.stream().anyMatch(share -> share.pool().equals(pool));
    }

    /** {@return the pool's name; of several each with its weight: "blue 95, green 5"} */
    public String poolNames() {
        return pools.size() == 1
                ? pools.getFirst().pool()
                : pools.stream()
                        .map(share -> share.pool() + " " + share.weight())
                        .collect(Collectors.joining(", "));
    }

    public boolean isAnyL4Port() {
        return l4Port == ANY_L4_PORT;
    }
}
