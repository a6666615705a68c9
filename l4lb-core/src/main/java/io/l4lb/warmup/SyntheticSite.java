package io.l4lb.warmup;

import io.l4lb.cid.CidKey;
import io.l4lb.cid.CidScheme;
import io.l4lb.cid.ServerId;
import io.l4lb.config.BackendConfig;
import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.EthPortConfig;
import io.l4lb.config.FlowTableConfig;
import io.l4lb.config.IdleMode;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.NodeConfig;
import io.l4lb.config.OuterSourceConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.config.quic.QuicConfig;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.net.Affinity;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import io.l4lb.net.Protocol;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A configuration with one VIP of every {@link TrafficKind}, and forwarding tables made of it: addresses of RFC 2544 and
 * RFC 3849, which no packet leaves for. Small, however large the node's own configuration is.
 */
final class SyntheticSite {
    static final int L4_PORT = 443;
    static final MacAddress ETH_PORT_MAC = new MacAddress(0x02_00_00_00_00_01L);
    /** Of the links; what is larger, encapsulated, is dropped as too big. */
    static final int MTU_BYTES = 200;

    /** Plain, one pass, four passes of an odd number of bytes; with server IDs of one byte, so that chance finds backends. */
    static final List<CidScheme> QUIC = List.of(
            new CidScheme(0, 1, 4, false, Optional.empty()),
            new CidScheme(1, 1, 15, true, CidKey.parse("00".repeat(CidKey.LENGTH_BYTES))),
            new CidScheme(2, 1, 8, false, CidKey.parse("00".repeat(CidKey.LENGTH_BYTES))));

    private static final int BACKENDS = 4;
    private static final int TABLE_SIZE = 1009;
    private static final int VIP_IPV4 = 0xc6_12_00_01; // 198.18.0.1
    private static final int BACKEND_IPV4 = 0xc6_13_00_01; // 198.19.0.1
    private static final long VIP_IPV6 = 0x2001_0db8_0000_0001L;
    private static final long BACKEND_IPV6 = 0x2001_0db8_0000_0002L;

    private final List<TrafficKind> kinds = TrafficKind.all();
    private final ForwardingNumbers numbers = new ForwardingNumbers();

    /** {@return the address of the VIP of that kind} */
    IpAddress vip(TrafficKind kind) {
        int number = kinds.indexOf(kind);
        return kind.ipv6() ? IpAddress.ipv6(VIP_IPV6, 1L + number) : IpAddress.ipv4(VIP_IPV4 + number);
    }

    /** {@return the address of the VIP that routes QUIC by connection ID} */
    IpAddress quicVip(boolean ipv6) {
        return ipv6 ? IpAddress.ipv6(VIP_IPV6, 1L + kinds.size()) : IpAddress.ipv4(VIP_IPV4 + kinds.size());
    }

    /** {@return a table of all VIPs; with fewer backends, flows have to be moved} */
    ForwardingTable table(boolean allBackends) {
        int backends = allBackends ? BACKENDS : BACKENDS - 1;
        return new ForwardingTableBuilder(config(backends), numbers, List.of(ETH_PORT_MAC), SyntheticSite::nextHop)
                .build();
    }

    /** The last backend's next hop is not known when all are there: such packets are dropped, which is a way too. */
    private static Optional<MacAddress> nextHop(IpAddress backend) {
        return Optional.of(ETH_PORT_MAC).filter(mac -> !backend.equals(address(backend.ipv6(), BACKENDS - 1)));
    }

    /** {@return the configuration with all backends} */
    L4lbConfig config() {
        return config(BACKENDS);
    }

    private L4lbConfig config(int backends) {
        DataplaneConfig dataplane = new DataplaneConfig(
                List.of(),
                List.of(new EthPortConfig("warmup", "none")),
                1,
                List.of(),
                IdleMode.SPIN,
                new OuterSourceConfig(Optional.of(address(false, -1)), Optional.of(address(true, -1))),
                Optional.of(ETH_PORT_MAC),
                MTU_BYTES,
                new FlowTableConfig(1, 1, 1),
                DataplaneConfig.DEFAULT_PUNT_PACKETS_PER_SECOND);
        return new L4lbConfig(
                new NodeConfig("warmup", NodeConfig.DEFAULT_STATE_DIRECTORY, false),
                dataplane,
                List.of(pool(false, backends), pool(true, backends)),
                Stream.concat(
                                kinds.stream().map(this::vipConfig),
                                Stream.of(false, true).map(this::quicVipConfig))
                        .toList());
    }

    private VipConfig vipConfig(TrafficKind kind) {
        return new VipConfig(
                "vip" + kinds.indexOf(kind),
                vip(kind),
                kind.protocol(),
                kind.anyL4Port() ? VipConfig.ANY_L4_PORT : L4_PORT,
                poolName(kind.outerIpv6()),
                kind.encapsulation(),
                VipConfig.DEFAULT_GUE_PORT,
                kind.affinity(),
                VipConfig.WhenAllDown.FORWARD);
    }

    private VipConfig quicVipConfig(boolean ipv6) {
        return new VipConfig(
                        "quic-" + poolName(ipv6),
                        quicVip(ipv6),
                        Protocol.UDP,
                        L4_PORT,
                        poolName(ipv6),
                        Encapsulation.IPIP,
                        VipConfig.DEFAULT_GUE_PORT,
                        Affinity.FLOW,
                        VipConfig.WhenAllDown.FORWARD)
                .withQuic(new QuicConfig(QUIC));
    }

    private static PoolConfig pool(boolean ipv6, int backends) {
        return new PoolConfig(
                poolName(ipv6),
                TABLE_SIZE,
                IntStream.range(0, backends)
                        .mapToObj(i -> new BackendConfig(
                                "backend" + i,
                                address(ipv6, i),
                                BackendConfig.DEFAULT_WEIGHT,
                                Optional.of(ETH_PORT_MAC),
                                Optional.of(new ServerId((long) i << (Long.SIZE - Byte.SIZE), 0, 1))))
                        .toList(),
                Optional.empty(),
                PoolConfig.DEFAULT_SLOW_START_SECONDS);
    }

    private static String poolName(boolean ipv6) {
        return ipv6 ? "ipv6" : "ipv4";
    }

    private static IpAddress address(boolean ipv6, int backend) {
        return ipv6 ? IpAddress.ipv6(BACKEND_IPV6, 2L + backend) : IpAddress.ipv4(BACKEND_IPV4 + 1 + backend);
    }
}
