package io.l4lb.config;

import io.l4lb.net.MacAddress;
import java.util.List;
import java.util.Optional;

/**
 * How packets come in and go out.
 *
 * @param eal arguments for DPDK, as they are
 * @param ethPorts may be empty: enough to check, replay and explain, not to run
 * @param workers 1 .. {@link #MAX_WORKERS}; each has one RX and one TX queue per ethPort
 * @param lcores one CPU per worker, or empty: workers are not bound
 * @param nextHop where frames go after encapsulation; empty: from the kernel's routes and neighbours
 * @param mtuBytes of the IP packet inside a frame
 * @param puntPacketsPerSecond what a worker hands to the kernel from one ethPort, at most
 */
public record DataplaneConfig(
        List<String> eal,
        List<EthPortConfig> ethPorts,
        int workers,
        List<Integer> lcores,
        IdleMode idle,
        OuterSourceConfig outerSource,
        Optional<MacAddress> nextHop,
        int mtuBytes,
        FlowTableConfig flowTable,
        int puntPacketsPerSecond,
        Limits limits,
        Fragments fragments) {
    public static final int DEFAULT_WORKERS = 1;
    public static final int MAX_WORKERS = 64;
    /** One below {@code CPU_SETSIZE} of glibc. */
    public static final int MAX_LCORE = 1023;

    public static final int DEFAULT_MTU_BYTES = 1500;
    /** What every IPv6 link carries (RFC 8200, section 5). */
    public static final int MIN_MTU_BYTES = 1280;
    /** The usual jumbo frame. */
    public static final int MAX_MTU_BYTES = 9216;

    /** Of 3 to 5 us each in the kernel: a tenth of a worker's time; 240 Mbit/s of full frames. */
    public static final int DEFAULT_PUNT_PACKETS_PER_SECOND = 20_000;

    /** What a worker that does nothing else might hand over. */
    public static final int MAX_PUNT_PACKETS_PER_SECOND = 1_000_000;

    public static final int MIN_PUNT_PACKETS_PER_SECOND = 100;

    /**
     * What a worker does for others' sake, at most.
     *
     * @param icmpPerSecond echo requests to VIPs that are answered, and as many ICMP errors that are passed on, for one source prefix
     *     (/24 of IPv4, /48 of IPv6), of the whole node, each worker its share
     * @param newFlowsPerSecond that one source prefix may begin, of the whole node, each worker its share; 0: no limit
     */
    public record Limits(int icmpPerSecond, int newFlowsPerSecond) {
        /** A site whose path MTU changes under its many connections; not a flood. */
        public static final int DEFAULT_ICMP_PER_SECOND = 1_000;

        public static final int MAX_ICMP_PER_SECOND = 10_000_000;

        public static final int MAX_NEW_FLOWS_PER_SECOND = 10_000_000;

        public static final Limits DEFAULTS = new Limits(DEFAULT_ICMP_PER_SECOND, 0);
    }

    /**
     * How many fragments to VIPs a worker follows.
     *
     * @param datagrams known at a time, in 256 bytes each, rounded up to a power of two
     * @param heldPackets that came before the first of their datagram, at a time; an mbuf each, by which every pool is larger. 0: none is held
     * @param holdMilliseconds for how long
     */
    public record Fragments(int datagrams, int heldPackets, int holdMilliseconds) {
        private static final long MILLISECOND_NS = 1_000_000;
        /** 1 MiB; a datagram is known for a second after it was whole, one that never is for 30. */
        public static final int DEFAULT_DATAGRAMS = 4_096;

        public static final int MIN_DATAGRAMS = 16;
        public static final int MAX_DATAGRAMS = 262_144;
        /** What the pools have to spare at one worker: they are rounded up to a power of two. */
        public static final int DEFAULT_HELD_PACKETS = 1_024;

        public static final int MAX_HELD_PACKETS = 16_384;
        /** Fragments leave their sender together: what the paths of a router differ by, many times over. */
        public static final int DEFAULT_HOLD_MILLISECONDS = 300;

        public static final int MAX_HOLD_MILLISECONDS = 5_000;

        public static final Fragments DEFAULTS =
                new Fragments(DEFAULT_DATAGRAMS, DEFAULT_HELD_PACKETS, DEFAULT_HOLD_MILLISECONDS);

        /** {@return the time to hold, in the clock's unit} */
        public long holdNs() {
            return holdMilliseconds * MILLISECOND_NS;
        }
    }

    public DataplaneConfig {
        eal = List.copyOf(eal);
        ethPorts = List.copyOf(ethPorts);
        lcores = List.copyOf(lcores);
    }

    /** One with the default limits, also for fragments. */
    public DataplaneConfig(
            List<String> eal,
            List<EthPortConfig> ethPorts,
            int workers,
            List<Integer> lcores,
            IdleMode idle,
            OuterSourceConfig outerSource,
            Optional<MacAddress> nextHop,
            int mtuBytes,
            FlowTableConfig flowTable,
            int puntPacketsPerSecond) {
        this(
                eal,
                ethPorts,
                workers,
                lcores,
                idle,
                outerSource,
                nextHop,
                mtuBytes,
                flowTable,
                puntPacketsPerSecond,
                Limits.DEFAULTS,
                Fragments.DEFAULTS);
    }
}
