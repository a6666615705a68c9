package io.l4lb.config.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.EthPortConfig;
import io.l4lb.config.FlowTableConfig;
import io.l4lb.config.HealthCheckConfig;
import io.l4lb.config.IdleMode;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.NodeConfig;
import io.l4lb.config.OuterSourceConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.config.replication.ReplicationConfig;
import io.l4lb.net.Affinity;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.IpPrefix;
import io.l4lb.net.L4Address;
import io.l4lb.net.MacAddress;
import io.l4lb.net.Protocol;
import io.l4lb.net.Track;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files without faults: every value arrives, every default is the documented one. */
class ConfigExampleTest {
    @TempDir
    private Path directory;

    private static final HealthCheckConfig HEALTH_CHECK = new HealthCheckConfig(
            HealthCheckConfig.Type.HTTP,
            HealthCheckConfig.Via.DATAPLANE,
            8080,
            Optional.empty(),
            new HealthCheckConfig.Request("/healthz", Optional.empty(), 200, 399, Optional.empty(), false, ".", ""),
            new HealthCheckConfig.Pace(2000, 600, 4, 5));

    private static DataplaneConfig dataplane() {
        return new DataplaneConfig(
                List.of("--in-memory"),
                ethPorts(),
                2,
                List.of(2, 3),
                IdleMode.BACKOFF,
                new OuterSourceConfig(Optional.of(ip("192.0.2.1")), Optional.of(ip("2001:db8::1"))),
                Optional.of(new MacAddress(0x0200_0000_0001L)),
                9000,
                new FlowTableConfig(8_388_608, 901, 61),
                12_345,
                new DataplaneConfig.Limits(500, 0),
                new DataplaneConfig.Fragments(1_000, 0, 250));
    }

    @Test
    void everyValueOfTheExampleArrives() throws IOException {
        L4lbConfig config = Configurations.load(directory, Configurations.resource("example.yaml"));

        assertThat(config.node()).isEqualTo(new NodeConfig("lb1", Path.of("/var/lib/l4lb-test"), true));
        assertThat(config.dataplane()).isEqualTo(dataplane());
        assertThat(config.pools())
                .containsExactly(
                        new PoolConfig(
                                "web",
                                655_373,
                                List.of(
                                        new BackendConfig("web1", ip("10.0.0.11"), 100, Optional.empty()),
                                        new BackendConfig("web2", ip("2001:db8:1::12"), 50, Optional.empty())),
                                Optional.of(HEALTH_CHECK),
                                30),
                        new PoolConfig(
                                "direct",
                                65_537,
                                List.of(new BackendConfig(
                                        "near1", ip("10.0.0.21"), 100, Optional.of(new MacAddress(0x0200_0000_0021L)))),
                                Optional.empty(),
                                0));
        assertThat(config.vips())
                .containsExactly(
                        new VipConfig(
                                "web",
                                ip("198.51.100.1"),
                                Protocol.TCP,
                                443,
                                "web",
                                Encapsulation.GUE,
                                6081,
                                Affinity.SOURCE,
                                VipConfig.WhenAllDown.REJECT,
                                Track.ALL),
                        new VipConfig(
                                "dns",
                                ip("198.51.100.2"),
                                Protocol.UDP,
                                VipConfig.ANY_L4_PORT,
                                "direct",
                                Encapsulation.L2,
                                6080,
                                Affinity.FLOW,
                                VipConfig.WhenAllDown.FORWARD));
        assertThat(config.poolsOf(config.vips().getLast()).getFirst().name()).isEqualTo("direct");
    }

    @Test
    void whatPeersAreToldArrives() throws IOException {
        L4lbConfig config = Configurations.load(directory, Configurations.resource("example.yaml"));

        assertThat(config.replication())
                .contains(new ReplicationConfig(
                        "edge",
                        new L4Address(ip("192.0.2.1"), 7654),
                        List.of(
                                new ReplicationConfig.PeerConfig("lb2", new L4Address(ip("192.0.2.2"), 7655)),
                                new ReplicationConfig.PeerConfig("lb3", new L4Address(ip("2001:db8::3"), 7654))),
                        Optional.of(new ReplicationConfig.TlsConfig(
                                Path.of("/etc/l4lb/lb1.pem"),
                                Path.of("/etc/l4lb/lb1.key"),
                                Path.of("/etc/l4lb/ca.pem"))),
                        16_777_217,
                        8_589_934_593L,
                        11));
    }

    @Test
    void everyDefaultOfReplicationIsTheDocumentedOne() throws IOException {
        String replication = "replication: {cluster: edge, listen: \"127.0.0.1:1\", peers: [], tls: none}\n";

        L4lbConfig config = Configurations.load(directory, replication + Configurations.resource("base.yaml"));

        assertThat(config.replication())
                .contains(new ReplicationConfig(
                        "edge",
                        new L4Address(ip("127.0.0.1"), 1),
                        List.of(),
                        Optional.empty(),
                        16_777_216,
                        8_589_934_592L,
                        10));
    }

    private static List<EthPortConfig> ethPorts() {
        EthPortConfig.KernelInterface tap = new EthPortConfig.KernelInterface(
                "bgp0",
                List.of(new IpPrefix(ip("192.0.2.1"), 24), new IpPrefix(ip("2001:db8::1"), 64)),
                List.of(ip("192.0.2.254")));
        return List.of(
                new EthPortConfig("edge", "0000:3b:00.0", Optional.of(tap), false),
                new EthPortConfig("back", "net_af_xdp0,iface=eth1", Optional.empty(), true));
    }

    @Test
    void everyDefaultIsTheDocumentedOne() throws IOException {
        String yaml = """
                node: {id: lb1}
                dataplane: {outerSource: {ipv4: 192.0.2.1}}
                pools: [{name: p, backends: [{name: b, address: 10.0.0.1}]}]
                vips: [{name: v, address: 198.51.100.1, l4Port: 80, pool: p}]
                """;

        L4lbConfig config = Configurations.load(directory, yaml);

        assertThat(config)
                .isEqualTo(new L4lbConfig(
                        new NodeConfig("lb1", Path.of("/var/lib/l4lb"), false),
                        new DataplaneConfig(
                                List.of(),
                                List.of(),
                                1,
                                List.of(),
                                IdleMode.SPIN,
                                new OuterSourceConfig(Optional.of(ip("192.0.2.1")), Optional.empty()),
                                Optional.empty(),
                                1500,
                                new FlowTableConfig(1_048_576, 900, 60),
                                20_000,
                                new DataplaneConfig.Limits(1_000, 0),
                                new DataplaneConfig.Fragments(4_096, 1_024, 300)),
                        List.of(new PoolConfig(
                                "p",
                                65_537,
                                List.of(new BackendConfig("b", ip("10.0.0.1"), 100, Optional.empty())),
                                Optional.empty(),
                                0)),
                        List.of(new VipConfig(
                                "v",
                                ip("198.51.100.1"),
                                Protocol.TCP,
                                80,
                                "p",
                                Encapsulation.IPIP,
                                6080,
                                Affinity.FLOW,
                                VipConfig.WhenAllDown.FORWARD))));
    }

    @Test
    void everyDefaultOfAHealthCheckIsTheDocumentedOne() throws IOException {
        assertThat(healthCheck("{type: https, l4Port: 1}"))
                .contains(new HealthCheckConfig(
                        HealthCheckConfig.Type.HTTPS,
                        HealthCheckConfig.Via.DATAPLANE,
                        1,
                        Optional.empty(),
                        new HealthCheckConfig.Request(
                                "/", Optional.empty(), 200, 399, Optional.empty(), false, ".", ""),
                        new HealthCheckConfig.Pace(1000, 500, 2, 3)));
        assertThat(healthCheck("{type: ping}"))
                .contains(new HealthCheckConfig(
                        HealthCheckConfig.Type.PING,
                        HealthCheckConfig.Via.DATAPLANE,
                        0,
                        Optional.empty(),
                        HealthCheckConfig.Request.DEFAULT,
                        HealthCheckConfig.Pace.DEFAULT));
        assertThat(healthCheck("{type: none}")).isEmpty();
    }

    @Test
    void everyKeyOfAHealthCheckArrives() throws IOException {
        HealthCheckConfig https = healthCheck(
                        "{type: https, via: address, l4Port: 8443, path: /up, serverName: a.example,"
                                + " expectedStatus: 204, body: \"it works\", verifyCertificate: true, sourceAddress: 192.0.2.9}")
                .orElseThrow();
        HealthCheckConfig dns =
                healthCheck("{type: dns, l4Port: 53, query: a.example}").orElseThrow();
        HealthCheckConfig grpc =
                healthCheck("{type: grpc, l4Port: 50051, service: a.Greeter}").orElseThrow();

        assertThat(https.via()).isEqualTo(HealthCheckConfig.Via.ADDRESS);
        assertThat(https.sourceAddress()).contains(ip("192.0.2.9"));
        assertThat(https.request())
                .isEqualTo(new HealthCheckConfig.Request(
                        "/up", Optional.of("a.example"), 204, 204, Optional.of("it works"), true, ".", ""));
        assertThat(dns.request().query()).isEqualTo("a.example");
        assertThat(grpc.request().service()).isEqualTo("a.Greeter");
    }

    @Test
    void anchorsAndAliasesMeanWhatTheyStandFor() throws IOException {
        String yaml = """
                node: {id: lb1}
                dataplane: {outerSource: {ipv4: 192.0.2.1}}
                pools:
                  - {name: a, backends: &all [{name: b, address: 10.0.0.1, weight: &w 7}]}
                  - {name: b, backends: *all}
                  - {name: c, backends: [{name: c, address: 10.0.0.2, weight: *w}]}
                vips: [{name: v, address: 198.51.100.1, l4Port: 80, pool: a}]
                """;

        L4lbConfig config = Configurations.load(directory, yaml);

        assertThat(config.pools().get(1).backends())
                .isEqualTo(config.pools().get(0).backends());
        assertThat(config.pools().get(2).backends().getFirst().weight()).isEqualTo(7);
    }

    @Test
    void aByteOrderMarkAndCarriageReturnsChangeNothing() throws IOException {
        String yaml = Configurations.resource("example.yaml");

        L4lbConfig expected = Configurations.load(directory, yaml);

        assertThat(Configurations.load(directory, "\ufeff" + yaml.replace("\n", "\r\n")))
                .isEqualTo(expected);
    }

    private Optional<HealthCheckConfig> healthCheck(String yaml) throws IOException {
        String base = Configurations.resource("base.yaml");
        String with = base.replace("- name: web\n", "- name: web\n    healthCheck: " + yaml + "\n");
        return Configurations.load(directory, with).pools().getFirst().healthCheck();
    }

    private static IpAddress ip(String text) {
        return IpAddress.parse(text).orElseThrow();
    }
}
