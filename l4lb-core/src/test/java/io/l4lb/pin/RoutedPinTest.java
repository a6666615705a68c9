package io.l4lb.pin;

import static io.l4lb.flow.FlowEvent.DATA;
import static io.l4lb.flow.FlowEvent.ROUTED;
import static io.l4lb.pin.PinConfigs.B1;
import static io.l4lb.pin.PinConfigs.B2;
import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.burst.Burst;
import io.l4lb.config.L4lbConfig;
import io.l4lb.net.IpAddress;
import io.l4lb.pin.PinRig.Flow;
import io.l4lb.testing.TestConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets that a QUIC connection ID has sent to a backend, on two nodes: whose flow follows them, and whose does not. */
class RoutedPinTest {
    private static final IpAddress ONE = B1.address();
    private static final IpAddress TWO = B2.address();

    /** New flows go to the second; the first is there for those that it has. */
    private final L4lbConfig config = PinConfigs.with(64, TestConfig.backend("b1", "10.0.0.1", 0), B2);

    private final ClusterNode a = new ClusterNode("a", config, 1000, 0, "b");
    private final ClusterNode b = new ClusterNode("b", config, 70_000, 0, "a");

    @AfterEach
    void free() {
        a.close();
        b.close();
    }

    private Flow flow(int vip) {
        return new Flow(config.vips().get(vip), vip < 3 ? 0 : 0x20010db8L, 0x0a0b0c0dL, 0xbb01_1234);
    }

    /** {@return where a packet goes that its connection ID sends to the first backend} */
    private IpAddress routedToOne(ClusterNode node, Flow flow) {
        int first = node.rig.numbers.destinationIndex(config.pools().getFirst(), B1, flow.vip());
        Burst.destination(node.rig.burst.columns(), 0, first);
        return node.packet(flow, ROUTED);
    }

    @ParameterizedTest
    @ValueSource(ints = {PinConfigs.UDP4, PinConfigs.UDP6})
    void flowThatNobodyKnowsIsPinnedToWhereItsPacketsGoAndPeersAreTold(int vip) {
        assertThat(routedToOne(a, flow(vip))).isEqualTo(ONE);
        assertThat(routedToOne(a, flow(vip))).isEqualTo(ONE);
        a.send(b);
        assertThat(a.packet(flow(vip), DATA)).isEqualTo(ONE);
        assertThat(b.packet(flow(vip), DATA)).isEqualTo(ONE);
        assertThat(b.rig.statistics().takeovers).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {PinConfigs.UDP4, PinConfigs.UDP6})
    void flowThatAPeerHasPinnedElsewhereKeepsItsPinThere(int vip) {
        a.packet(flow(vip), DATA);
        a.packet(flow(vip), DATA);
        a.send(b);
        assertThat(routedToOne(b, flow(vip))).isEqualTo(ONE);
        assertThat(b.rig.pin.flowCount()).isZero();
        assertThat(b.packet(flow(vip), DATA)).isEqualTo(TWO);
        assertThat(routedToOne(b, flow(vip))).isEqualTo(ONE);
        assertThat(b.packet(flow(vip), DATA)).isEqualTo(TWO);
        b.send(a);
        a.at(1010);
        assertThat(a.packet(flow(vip), DATA)).isEqualTo(TWO);
    }

    @ParameterizedTest
    @ValueSource(ints = {PinConfigs.UDP4, PinConfigs.UDP6})
    void flowThatAPeerHasPinnedToTheSameBackendIsTakenOver(int vip) {
        routedToOne(a, flow(vip));
        routedToOne(a, flow(vip));
        a.send(b);
        assertThat(routedToOne(b, flow(vip))).isEqualTo(ONE);
        assertThat(b.rig.statistics().takeovers).isEqualTo(1);
        assertThat(b.packet(flow(vip), DATA)).isEqualTo(ONE);
    }
}
