package io.l4lb.testing;

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
import io.l4lb.config.VipConfig.WhenAllDown;
import io.l4lb.config.access.AccessList;
import io.l4lb.config.access.AccessRule;
import io.l4lb.config.access.FlowTerms;
import io.l4lb.config.quic.QuicConfig;
import io.l4lb.net.Affinity;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.IpPrefix;
import io.l4lb.net.MacAddress;
import io.l4lb.net.Protocol;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Puts configurations together, as the reader would from YAML. */
public final class TestConfig {
    public static final MacAddress NEXT_HOP =
            MacAddress.parse("02:00:00:00:00:01").orElseThrow();
    public static final IpAddress OUTER_IPV4 = IpAddress.parse("192.0.2.1").orElseThrow();
    public static final IpAddress OUTER_IPV6 = IpAddress.parse("2001:db8::1").orElseThrow();
    public static final int MTU_BYTES = 1500;
    /** Small enough to be filled in no time; every test that cares for balance names another. */
    private static final int TABLE_SIZE = 1009;

    private final List<PoolConfig> pools = new ArrayList<>();
    private final List<VipConfig> vips = new ArrayList<>();
    private int flows = 4096;
    private int workers = 1;
    private int icmpPerSecond = DataplaneConfig.Limits.MAX_ICMP_PER_SECOND;
    private int newFlowsPerSecond;
    private DataplaneConfig.Fragments fragments = DataplaneConfig.Fragments.DEFAULTS;
    private int tcpIdleSeconds = 900;
    private int udpIdleSeconds = 60;

    public static BackendConfig backend(String name, String address, int weight) {
        return new BackendConfig(name, IpAddress.parse(address).orElseThrow(), weight, Optional.empty());
    }

    public static BackendConfig backend(String name, String address, int weight, String mac) {
        return new BackendConfig(name, IpAddress.parse(address).orElseThrow(), weight, MacAddress.parse(mac));
    }

    /** {@return a list whose rules are {@code allow PREFIX} or {@code deny PREFIX}} */
    public static AccessList accessList(String byDefault, String... rules) {
        return new AccessList(
                "list",
                "allow".equals(byDefault),
                Arrays.stream(rules)
                        .map(rule -> new AccessRule(
                                IpPrefix.parse(rule.substring(rule.indexOf(' ') + 1))
                                        .orElseThrow(),
                                rule.startsWith("allow")))
                        .toList());
    }

    /** {@return the same backend, whose QUIC connection IDs have that server ID} */
    public static BackendConfig withServerId(BackendConfig backend, String serverId) {
        return new BackendConfig(
                backend.name(), backend.address(), backend.weight(), backend.mac(), ServerId.parse(serverId));
    }

    public TestConfig pool(String name, BackendConfig... backends) {
        pools.add(new PoolConfig(name, TABLE_SIZE, List.of(backends), Optional.empty(), 0));
        return this;
    }

    public TestConfig vip(String name, String address, Protocol protocol, int l4Port, String pool, Encapsulation kind) {
        return vip(name, address, protocol, l4Port, pool, kind, Affinity.FLOW);
    }

    public TestConfig vip(
            String name,
            String address,
            Protocol protocol,
            int l4Port,
            String pool,
            Encapsulation kind,
            Affinity affinity) {
        IpAddress ip = IpAddress.parse(address).orElseThrow();
        vips.add(new VipConfig(
                name, ip, protocol, l4Port, pool, kind, VipConfig.DEFAULT_GUE_PORT, affinity, WhenAllDown.FORWARD));
        return this;
    }

    /** Lets flows of all VIPs so far in on those terms. */
    public TestConfig terms(FlowTerms terms) {
        vips.replaceAll(vip -> new VipConfig(
                vip.name(),
                vip.address(),
                vip.protocol(),
                vip.l4Port(),
                vip.pools(),
                vip.encapsulation(),
                vip.guePort(),
                vip.affinity(),
                vip.whenAllDown(),
                vip.track(),
                terms,
                vip.quic()));
        return this;
    }

    /** A UDP VIP on l4Port 443 that is routed by QUIC connection ID. */
    public TestConfig quicVip(String name, String address, String pool, Encapsulation kind, CidScheme... schemes) {
        vips.add(new VipConfig(
                        name,
                        IpAddress.parse(address).orElseThrow(),
                        Protocol.UDP,
                        443,
                        pool,
                        kind,
                        VipConfig.DEFAULT_GUE_PORT,
                        Affinity.FLOW,
                        WhenAllDown.FORWARD)
                .withQuic(new QuicConfig(List.of(schemes))));
        return this;
    }

    public TestConfig flows(int count) {
        flows = count;
        return this;
    }

    public TestConfig idleSeconds(int tcp, int udp) {
        tcpIdleSeconds = tcp;
        udpIdleSeconds = udp;
        return this;
    }

    public TestConfig workers(int count) {
        workers = count;
        return this;
    }

    public TestConfig icmpPerSecond(int limit) {
        icmpPerSecond = limit;
        return this;
    }

    public TestConfig newFlowsPerSecond(int limit) {
        newFlowsPerSecond = limit;
        return this;
    }

    public TestConfig fragments(int datagrams, int heldPackets, int holdMilliseconds) {
        fragments = new DataplaneConfig.Fragments(datagrams, heldPackets, holdMilliseconds);
        return this;
    }

    public L4lbConfig build() {
        DataplaneConfig dataplane = new DataplaneConfig(
                List.of(),
                List.of(new EthPortConfig("edge", "net_null0")),
                workers,
                List.of(),
                IdleMode.SPIN,
                new OuterSourceConfig(Optional.of(OUTER_IPV4), Optional.of(OUTER_IPV6)),
                Optional.of(NEXT_HOP),
                MTU_BYTES,
                new FlowTableConfig(flows, tcpIdleSeconds, udpIdleSeconds),
                DataplaneConfig.DEFAULT_PUNT_PACKETS_PER_SECOND,
                new DataplaneConfig.Limits(icmpPerSecond, newFlowsPerSecond),
                fragments);
        return new L4lbConfig(new NodeConfig("lb1", Path.of("/nonexistent"), false), dataplane, pools, vips);
    }

    /** {@return VIPs of both families, both protocols and every encapsulation, and one whose pool takes no new flow} */
    public static TestConfig ofEveryKind() {
        return new TestConfig()
                .pool(
                        "mixed",
                        backend("m1", "10.0.0.11", 100),
                        backend("m2", "2001:db8:1::12", 100),
                        backend("m3", "10.0.0.13", 50))
                .pool(
                        "segment",
                        backend("s1", "10.0.1.1", 100, "02:00:00:00:01:01"),
                        backend("s2", "10.0.1.2", 100, "02:00:00:00:01:02"))
                .pool("drained", backend("d1", "10.0.0.99", 0))
                .vip("tcp4", "198.51.100.1", Protocol.TCP, 443, "mixed", Encapsulation.IPIP)
                .vip("udp4", "198.51.100.1", Protocol.UDP, 53, "mixed", Encapsulation.GUE)
                .vip("any4", "198.51.100.2", Protocol.TCP, 0, "mixed", Encapsulation.GRE, Affinity.SOURCE)
                .vip("seg4", "198.51.100.3", Protocol.UDP, 0, "segment", Encapsulation.L2)
                .vip("none4", "198.51.100.1", Protocol.TCP, 81, "drained", Encapsulation.IPIP)
                .vip("tcp6", "2001:db8:f::1", Protocol.TCP, 443, "mixed", Encapsulation.IPIP)
                .vip("udp6", "2001:db8:f::1", Protocol.UDP, 53, "mixed", Encapsulation.GUE)
                .vip("any6", "2001:db8:f::2", Protocol.TCP, 0, "mixed", Encapsulation.GRE, Affinity.SOURCE)
                .vip("seg6", "2001:db8:f::3", Protocol.UDP, 0, "segment", Encapsulation.L2)
                .vip("none6", "2001:db8:f::1", Protocol.TCP, 81, "drained", Encapsulation.IPIP);
    }
}
