package io.l4lb.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.cid.CidKey;
import io.l4lb.cid.CidScheme;
import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.config.access.FlowTerms;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.forwarding.BackendUse;
import io.l4lb.net.BackendState;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.Protocol;
import io.l4lb.testing.PacketBuilder;
import io.l4lb.testing.SentFrame;
import io.l4lb.testing.TestConfig;
import io.l4lb.worker.PipelineRig;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** QUIC packets through the whole pipeline: what the connection ID decides, and what is left to the flow. */
class QuicTest {
    private static final String VIP = "198.51.100.1";
    private static final String VIP6 = "2001:db8:f::1";
    private static final String CLIENT = "203.0.113.9";
    private static final String CLIENT6 = "2001:db8:2::9";
    /** Takes all new flows: the others have weight 0. */
    private static final String HOME = "10.0.0.11";

    private static final String ONE = "10.0.0.12";
    private static final String TWO = "10.0.0.13";
    /** Server IDs of the draft's vectors, cut to the length that the configurations of this test have. */
    private static final String ID_ONE = "ed793a51d49b8f5f";

    private static final String ID_TWO = "ed793a51d49b8f60";
    private static final CidScheme PLAIN = new CidScheme(0, 8, 4, false, Optional.empty());
    /** Configuration 2 of appendix B.2. */
    private static final CidScheme ONE_PASS =
            new CidScheme(2, 8, 8, false, CidKey.parse("8f95f09245765f80256934e50c66207f"));

    private static final String ONE_PASS_CID_OF_ONE = "504dd2d05a7b0de9b2b9907afb5ecf8cc3";
    private static final CidScheme SELF_ENCODING = new CidScheme(4, 8, 4, true, Optional.empty());
    private static final long SECOND_NS = 1_000_000_000;

    private final PipelineRig rig = new PipelineRig(config(100));
    private long nowNs = 1;

    @AfterEach
    void free() {
        rig.close();
    }

    private static L4lbConfig config(int homeWeight) {
        return testConfig(homeWeight).build();
    }

    private static TestConfig testConfig(int homeWeight) {
        return new TestConfig()
                .pool(
                        "web",
                        TestConfig.backend("home", HOME, homeWeight),
                        TestConfig.withServerId(TestConfig.backend("one", ONE, 100 - homeWeight), ID_ONE),
                        TestConfig.withServerId(TestConfig.backend("two", TWO, 0), ID_TWO))
                .quicVip("quic4", VIP, "web", Encapsulation.IPIP, PLAIN, ONE_PASS, SELF_ENCODING)
                .quicVip("quic6", VIP6, "web", Encapsulation.GUE, PLAIN);
    }

    private static byte[] packet(String client, int l4Port, String payload) {
        return PacketBuilder.udp(client, l4Port, client.equals(CLIENT6) ? VIP6 : VIP, 443)
                .payload(HexFormat.of().parseHex(payload))
                .build();
    }

    private String backend(byte[] frame) {
        byte[] sent = rig.forward(frame, nowNs);
        return SentFrame.read(sent, sent.length, rig.mac()).backend().toString();
    }

    private String backendOf(int l4Port, String payload) {
        return backend(packet(CLIENT, l4Port, payload));
    }

    private static String shortHeader(String cid) {
        return "43" + cid + "0badcafe0badcafe";
    }

    private static String longHeader(String cid) {
        return "e500000001" + "%02x".formatted(cid.length() / 2) + cid + "000badcafe";
    }

    private static String plain(String serverId) {
        return "1f" + serverId + "4504cc4f";
    }

    @Test
    void shortHeaderGoesToTheBackendOfItsServerId() {
        assertThat(backendOf(1000, shortHeader(plain(ID_ONE)))).isEqualTo(ONE);
        assertThat(backendOf(1000, shortHeader(plain(ID_TWO)))).isEqualTo(TWO);
        assertThat(backendOf(1001, shortHeader(ONE_PASS_CID_OF_ONE))).isEqualTo(ONE);
        assertThat(backend(packet(CLIENT6, 1000, shortHeader(plain(ID_TWO))))).isEqualTo(TWO);
        assertThat(rig.counter(WorkerCounter.QUIC_ROUTED)).isEqualTo(4);
    }

    @Test
    void longHeaderThatABackendsIdIsInGoesThereAndAnyOtherWhereItsFlowGoes() {
        assertThat(backendOf(1000, longHeader("8394c8f03e515708"))).isEqualTo(HOME);
        assertThat(backendOf(1000, longHeader(plain(ID_ONE)))).isEqualTo(ONE);
        assertThat(backendOf(1000, longHeader(""))).isEqualTo(HOME);
        assertThat(rig.counter(WorkerCounter.QUIC_LONG_UNROUTABLE)).isEqualTo(2);
        assertThat(rig.counter(WorkerCounter.QUIC_TOO_SHORT)).isZero();
    }

    @Test
    void connectionKeepsItsBackendWhenItsClientsAddressChanges() {
        assertThat(backendOf(1000, longHeader("8394c8f03e515708"))).isEqualTo(HOME);
        for (int l4Port = 2000; l4Port < 2050; l4Port++) {
            assertThat(backendOf(l4Port, shortHeader(plain(ID_ONE)))).isEqualTo(ONE);
        }
        assertThat(rig.counter(WorkerCounter.FLOWS)).isEqualTo(51);
    }

    /** 0x89: configuration 4, whose servers say how long their IDs are, and 9 bytes are too few for one. */
    @ParameterizedTest
    @CsvSource({
        "QUIC_TOO_SHORT, ''",
        "QUIC_TOO_SHORT, 43",
        "QUIC_TOO_SHORT, 431fed793a51d49b8f5f4504cc",
        "QUIC_UNKNOWN_CONFIGURATIONS, 4337ed793a51d49b8f5f4504cc4f",
        "QUIC_UNKNOWN_CONFIGURATIONS, 43f7ed793a51d49b8f5f4504cc4f",
        "QUIC_UNKNOWN_SERVERS, 431fed793a51d49b8f614504cc4f",
        "QUIC_TOO_SHORT, 4389ed793a51d49b8f5f4504cc4f",
        "QUIC_LONG_UNROUTABLE, e5",
        "QUIC_LONG_UNROUTABLE, e50000000106010203",
        "QUIC_LONG_UNROUTABLE, e500000001ff1fed793a51d49b8f5f4504cc4f"
    })
    void whatCannotBeRoutedGoesWhereItsFlowGoesAndIsCounted(WorkerCounter counter, String payload) {
        assertThat(backendOf(1000, payload)).isEqualTo(HOME);
        assertThat(rig.counter(counter)).isEqualTo(1);
        assertThat(rig.counter(WorkerCounter.QUIC_ROUTED)).isZero();
    }

    @Test
    void lengthInTheFirstOctetIsBelievedWhereTheConfigurationSaysSo() {
        assertThat(backendOf(1000, "438ced793a51d49b8f5f4504cc4f")).isEqualTo(ONE);
        assertThat(backendOf(1000, "438bed793a51d49b8f5f4504cc4f")).isEqualTo(ONE); // its flow's: pinned by now
        assertThat(rig.counter(WorkerCounter.QUIC_ROUTED)).isEqualTo(1);
    }

    @Test
    void flowOfRoutedPacketsIsPinnedSoThatErrorsAndResetsFindIt() {
        assertThat(backendOf(1000, shortHeader(plain(ID_ONE)))).isEqualTo(ONE);
        byte[] quoted = PacketBuilder.udp(VIP, 443, CLIENT, 1000).payload(20).packet();
        byte[] error = PacketBuilder.icmp(CLIENT, VIP, 3, 4).payload(quoted).build();

        assertThat(backend(error)).isEqualTo(ONE);
        assertThat(backendOf(1000, shortHeader("ff00112233"))).isEqualTo(ONE);
        assertThat(rig.counter(WorkerCounter.FLOW_MISSES)).isEqualTo(1);
    }

    @Test
    void pinOfAFlowIsNotMovedByAConnectionIdUntilItHasBeenIdle() {
        assertThat(backendOf(1000, shortHeader("ff00112233"))).isEqualTo(HOME);
        for (int second = 0; second < 61; second++) {
            nowNs += SECOND_NS;
            assertThat(backendOf(1000, shortHeader(plain(ID_ONE)))).isEqualTo(ONE);
        }
        nowNs += SECOND_NS;
        assertThat(backendOf(1000, shortHeader("ff00112233")))
                .as("the routed packets did not keep the other pin alive; their own took its place")
                .isEqualTo(ONE);
    }

    @Test
    void unroutablePacketsKeepTheirPinBesideARoutedConnectionOfTheSameFlow() {
        for (int second = 0; second < 100; second++) {
            nowNs += SECOND_NS;
            assertThat(backendOf(1000, shortHeader("ff00112233"))).isEqualTo(HOME);
            assertThat(backendOf(1000, shortHeader(plain(ID_TWO)))).isEqualTo(TWO);
        }
        assertThat(rig.counter(WorkerCounter.FLOWS)).isEqualTo(1);
    }

    @Test
    void drainedBackendKeepsItsConnectionsAndABackendThatIsDownLosesThem() {
        rig.reload(config(100), use("none"));
        assertThat(backendOf(1000, shortHeader(plain(ID_TWO)))).isEqualTo(TWO);
        rig.reload(config(100), use("two"));
        assertThat(backendOf(1000, shortHeader(plain(ID_TWO)))).isEqualTo(HOME);
        assertThat(rig.counter(WorkerCounter.QUIC_UNUSABLE_SERVERS)).isEqualTo(1);
        rig.reload(config(100), use("none"));
        assertThat(backendOf(1000, shortHeader(plain(ID_TWO))))
                .as("it is up again")
                .isEqualTo(TWO);
    }

    private static BackendUse use(String down) {
        return new BackendUse() {
            @Override
            public int weight(PoolConfig pool, BackendConfig backend) {
                return backend.weight();
            }

            @Override
            public BackendState state(PoolConfig pool, BackendConfig backend) {
                return backend.name().equals(down) ? BackendState.DOWN : BackendState.UP;
            }
        };
    }

    @Test
    void routedFlowFollowsWhenItsPinsBackendIsGone() {
        assertThat(backendOf(1000, shortHeader("ff00112233"))).isEqualTo(HOME);
        rig.reload(config(0), use("home"));
        assertThat(backendOf(1000, shortHeader(plain(ID_TWO)))).isEqualTo(TWO);
        assertThat(backendOf(1000, shortHeader("ff00112233"))).isEqualTo(TWO);
    }

    @Test
    void keysConfigurationsAndServerIdsChangeWithAReload() {
        assertThat(backendOf(1000, shortHeader(plain(ID_ONE)))).isEqualTo(ONE);
        CidScheme otherKey = new CidScheme(2, 8, 8, false, CidKey.parse("00112233445566778899aabbccddeeff"));
        rig.reload(new TestConfig()
                .pool(
                        "web",
                        TestConfig.backend("home", HOME, 100),
                        TestConfig.withServerId(TestConfig.backend("one", ONE, 0), ID_TWO),
                        TestConfig.withServerId(TestConfig.backend("two", TWO, 0), ID_ONE))
                .quicVip("quic4", VIP, "web", Encapsulation.IPIP, PLAIN, otherKey)
                .build());
        assertThat(backendOf(2000, shortHeader(plain(ID_ONE)))).isEqualTo(TWO);
        assertThat(backendOf(2001, shortHeader(ONE_PASS_CID_OF_ONE))).isEqualTo(HOME);
        assertThat(rig.counter(WorkerCounter.QUIC_UNKNOWN_SERVERS)).isEqualTo(1);
    }

    @Test
    void vipThatKeepsNoFlowsRoutesByConnectionIdAllTheSame() {
        rig.reload(testConfig(100)
                .terms(new FlowTerms(Optional.empty(), 0, 0, FlowTerms.Mode.STATELESS))
                .build());
        assertThat(backendOf(1000, shortHeader(plain(ID_ONE)))).isEqualTo(ONE);
        assertThat(backendOf(1000, shortHeader("ff00112233"))).isEqualTo(HOME);
        assertThat(rig.counter(WorkerCounter.FLOWS)).isZero();
    }

    @Test
    void limitOfNewFlowsCostsARoutedPacketItsPinAndNotItself() {
        rig.reload(testConfig(100)
                .terms(new FlowTerms(Optional.empty(), 1, 0, FlowTerms.Mode.STATEFUL))
                .build());
        for (int l4Port = 2000; l4Port < 2100; l4Port++) {
            assertThat(backendOf(l4Port, shortHeader(plain(ID_ONE)))).isEqualTo(ONE);
        }
        assertThat(rig.counter(WorkerCounter.FLOWS)).isPositive().isLessThan(100);
    }

    @Test
    void vipOfSeveralPoolsKnowsTheServerIdsOfAll() {
        L4lbConfig one = new TestConfig()
                .pool(
                        "web",
                        TestConfig.backend("home", HOME, 100),
                        TestConfig.withServerId(TestConfig.backend("one", ONE, 0), ID_ONE))
                .pool("green", TestConfig.withServerId(TestConfig.backend("two", TWO, 100), ID_TWO))
                .quicVip("quic4", VIP, "web", Encapsulation.IPIP, PLAIN)
                .build();
        VipConfig vip = one.vips().getFirst();
        VipConfig ofBoth = new VipConfig(
                vip.name(),
                vip.address(),
                vip.protocol(),
                vip.l4Port(),
                List.of(new VipConfig.PoolShare("web", 100), new VipConfig.PoolShare("green", 0)),
                vip.encapsulation(),
                vip.guePort(),
                vip.affinity(),
                vip.whenAllDown(),
                vip.track(),
                vip.terms(),
                vip.quic());
        rig.reload(new L4lbConfig(one.node(), one.dataplane(), one.pools(), List.of(ofBoth)));
        assertThat(backendOf(1000, shortHeader(plain(ID_ONE)))).isEqualTo(ONE);
        assertThat(backendOf(1001, shortHeader(plain(ID_TWO)))).isEqualTo(TWO);
        assertThat(backendOf(1002, shortHeader("ff00112233"))).isEqualTo(HOME);
    }

    @Test
    void vipThatStopsRoutingGoesByFlowsAlone() {
        rig.reload(new TestConfig()
                .pool("web", TestConfig.backend("home", HOME, 100), TestConfig.backend("one", ONE, 0))
                .vip("quic4", VIP, Protocol.UDP, 443, "web", Encapsulation.IPIP)
                .build());
        assertThat(backendOf(1000, shortHeader(plain(ID_ONE)))).isEqualTo(HOME);
        assertThat(rig.counter(WorkerCounter.QUIC_ROUTED)).isZero();
    }
}
