package io.l4lb.bench.shape;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.FlowTableConfig;
import io.l4lb.config.IdleMode;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.NodeConfig;
import io.l4lb.config.OuterSourceConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.net.Affinity;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import io.l4lb.net.Protocol;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The addresses of the benchmark, the same as the twin's ({@code tables.c}), and the configuration made of them. VIPs and
 * backends are numbered from 0.
 */
public final class BenchSite {
    public static final MacAddress NEXT_HOP = new MacAddress(0x02_00_00_00_00_01L);
    public static final MacAddress ETH_PORT_MAC = new MacAddress(0x02_00_00_00_00_02L);
    public static final MacAddress CLIENT_MAC = new MacAddress(0x02_00_00_00_00_03L);
    public static final int VIP_L4_PORT = 80;

    private static final String POOL = "pool";
    private static final int VIP_IPV4 = 0xc6_33_64_01; // 198.51.100.1
    private static final long VIP_IPV6_HIGH = 0x2001_0db8_ffff_0000L;
    private static final int BACKEND_IPV4 = 0x0a_c8_00_01; // 10.200.0.1
    private static final long BACKEND_IPV6_HIGH = 0x2001_0db8_0200_0000L;
    private static final int OUTER_IPV4 = 0xc0_00_02_01; // 192.0.2.1
    private static final long OUTER_IPV6_HIGH = 0x2001_0db8_0000_0000L;

    private BenchSite() {}

    /** {@return the address of VIP {@code index}} */
    public static IpAddress vip(boolean ipv6, int index) {
        return ipv6 ? IpAddress.ipv6(VIP_IPV6_HIGH, 1L + index) : IpAddress.ipv4(VIP_IPV4 + index);
    }

    private static IpAddress backend(boolean ipv6, int index) {
        return ipv6 ? IpAddress.ipv6(BACKEND_IPV6_HIGH, 1L + index) : IpAddress.ipv4(BACKEND_IPV4 + index);
    }

    /** {@return a node's configuration for that shape} */
    public static L4lbConfig config(Shape shape) {
        DataplaneConfig dataplane = new DataplaneConfig(
                List.of(),
                List.of(),
                shape.workers(),
                List.of(),
                IdleMode.SPIN,
                new OuterSourceConfig(
                        Optional.of(IpAddress.ipv4(OUTER_IPV4)), Optional.of(IpAddress.ipv6(OUTER_IPV6_HIGH, 1))),
                Optional.of(NEXT_HOP),
                DataplaneConfig.DEFAULT_MTU_BYTES,
                new FlowTableConfig(
                        shape.configuredFlows(),
                        FlowTableConfig.DEFAULT_TCP_IDLE_SECONDS,
                        FlowTableConfig.DEFAULT_UDP_IDLE_SECONDS),
                DataplaneConfig.DEFAULT_PUNT_PACKETS_PER_SECOND);
        List<BackendConfig> backends = IntStream.range(0, shape.backends())
                .mapToObj(index -> new BackendConfig(
                        "backend" + index,
                        backend(shape.ipv6(), index),
                        BackendConfig.DEFAULT_WEIGHT,
                        Optional.empty()))
                .toList();
        return new L4lbConfig(
                new NodeConfig("bench", NodeConfig.DEFAULT_STATE_DIRECTORY, false),
                dataplane,
                List.of(new PoolConfig(
                        POOL, shape.tableSize(), backends, Optional.empty(), PoolConfig.DEFAULT_SLOW_START_SECONDS)),
                IntStream.range(0, shape.vips())
                        .mapToObj(index -> vipConfig(shape, index))
                        .toList());
    }

    private static VipConfig vipConfig(Shape shape, int index) {
        return new VipConfig(
                "vip" + index,
                vip(shape.ipv6(), index),
                Protocol.TCP,
                VIP_L4_PORT,
                POOL,
                shape.encapsulation(),
                VipConfig.DEFAULT_GUE_PORT,
                Affinity.FLOW,
                VipConfig.WhenAllDown.FORWARD,
                shape.replicated().track());
    }
}
