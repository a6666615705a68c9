package io.l4lb.bench.gaps;

import io.l4lb.bench.shape.BenchSite;
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
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The configurations that the control side reloads: the VIPs of {@link BenchSite}, each with a pool of its own. */
final class StallSite {
    private static final int BACKEND_IPV4 = 0x0b_00_00_01; // 11.0.0.1
    private static final int OUTER_IPV4 = 0xc0_00_02_01; // 192.0.2.1
    private static final int WEIGHT_MAX = 100;

    private StallSite() {}

    /** {@return the configuration number {@code generation}: the same backends, each time with other weights} */
    static L4lbConfig config(LoadShape shape, int flows, int generation) {
        DataplaneConfig dataplane = new DataplaneConfig(
                List.of(),
                List.of(),
                1,
                List.of(shape.cpu()),
                IdleMode.SPIN,
                new OuterSourceConfig(Optional.of(IpAddress.ipv4(OUTER_IPV4)), Optional.empty()),
                Optional.of(BenchSite.NEXT_HOP),
                DataplaneConfig.DEFAULT_MTU_BYTES,
                new FlowTableConfig(
                        flows, FlowTableConfig.DEFAULT_TCP_IDLE_SECONDS, FlowTableConfig.DEFAULT_UDP_IDLE_SECONDS),
                DataplaneConfig.DEFAULT_PUNT_PACKETS_PER_SECOND);
        return new L4lbConfig(
                new NodeConfig("stall", NodeConfig.DEFAULT_STATE_DIRECTORY, false),
                dataplane,
                IntStream.range(0, shape.vips())
                        .mapToObj(index -> pool(shape, index, generation))
                        .toList(),
                IntStream.range(0, shape.vips()).mapToObj(StallSite::vip).toList());
    }

    private static PoolConfig pool(LoadShape shape, int pool, int generation) {
        List<BackendConfig> backends = IntStream.range(0, shape.backends())
                .mapToObj(index -> new BackendConfig(
                        "backend" + index,
                        IpAddress.ipv4(BACKEND_IPV4 + pool * shape.backends() + index),
                        1 + (generation + index) % WEIGHT_MAX,
                        Optional.empty()))
                .toList();
        return new PoolConfig(
                poolName(pool),
                PoolConfig.DEFAULT_TABLE_SIZE,
                backends,
                Optional.empty(),
                PoolConfig.DEFAULT_SLOW_START_SECONDS);
    }

    private static VipConfig vip(int index) {
        return new VipConfig(
                "vip" + index,
                BenchSite.vip(false, index),
                Protocol.TCP,
                BenchSite.VIP_L4_PORT,
                poolName(index),
                Encapsulation.IPIP,
                VipConfig.DEFAULT_GUE_PORT,
                Affinity.FLOW,
                VipConfig.WhenAllDown.FORWARD);
    }

    private static String poolName(int index) {
        return "pool" + index;
    }
}
