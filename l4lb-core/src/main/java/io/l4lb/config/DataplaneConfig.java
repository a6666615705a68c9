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
        FlowTableConfig flowTable) {
    public static final int DEFAULT_WORKERS = 1;
    public static final int MAX_WORKERS = 64;
    /** One below {@code CPU_SETSIZE} of glibc. */
    public static final int MAX_LCORE = 1023;

    public static final int DEFAULT_MTU_BYTES = 1500;
    /** What every IPv6 link carries (RFC 8200, section 5). */
    public static final int MIN_MTU_BYTES = 1280;
    /** The usual jumbo frame. */
    public static final int MAX_MTU_BYTES = 9216;

    public DataplaneConfig {
        eal = List.copyOf(eal);
        ethPorts = List.copyOf(ethPorts);
        lcores = List.copyOf(lcores);
    }
}
