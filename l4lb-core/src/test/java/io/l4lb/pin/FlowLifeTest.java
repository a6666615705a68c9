package io.l4lb.pin;

import static io.l4lb.flow.FlowEvent.CLOSE;
import static io.l4lb.flow.FlowEvent.DATA;
import static io.l4lb.flow.FlowEvent.OPEN;
import static io.l4lb.pin.PinConfigs.B1;
import static io.l4lb.pin.PinConfigs.B2;
import static io.l4lb.testing.TestConfig.backend;
import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.net.IpAddress;
import io.l4lb.pin.PinRig.Flow;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of one flow: how packets change its state, how long it may be idle, when it chooses anew. */
class FlowLifeTest {
    private static final BackendConfig B1_DRAINED = backend("b1", "10.0.0.1", 0);
    private static final IpAddress ADDRESS_1 = B1.address();
    private static final IpAddress ADDRESS_2 = B2.address();

    private final L4lbConfig onlyB1 = PinConfigs.with(64, B1);
    private final L4lbConfig b1Drained = PinConfigs.with(64, B1_DRAINED, B2);
    private final L4lbConfig onlyB2 = PinConfigs.with(64, B2);
    private final L4lbConfig allDrained = PinConfigs.with(64, B1_DRAINED);
    private final PinRig rig = new PinRig(onlyB1);

    @AfterEach
    void free() {
        rig.close();
    }

    private Flow flow(int vip) {
        return new Flow(onlyB1.vips().get(vip), vip < 3 ? 0 : 0x20010db8L, 0x0a0b0c0dL, 0xbb01_1234);
    }

    private static int tickAt(double seconds) {
        return FlowStateDescriptor.tick((long) (seconds * 1e9));
    }

    @ParameterizedTest
    @CsvSource({
        "0, O, 75", "3, O, 75", "0, OO, 75", "0, D, 900", "3, D, 900", "0, OD, 900", "0, DO, 75", "3, ODO, 900",
        "0, ODC, 240", "3, C, 240", "0, ODCD, 240", "2, OC, 240", "5, D, 900", "1, D, 60", "1, DD, 60", "4, DDD, 60"
    })
    void aFlowIsForgottenAfterTheIdleTimeOfItsStateAndNotBefore(int vip, String events, int idleSeconds) {
        for (int i = 0; i < events.length(); i++) {
            char event = events.charAt(i);
            rig.packet(flow(vip), event == 'O' ? OPEN : event == 'C' ? CLOSE : DATA, tickAt(1000));
        }
        rig.reload(b1Drained);
        rig.pin.sweep(tickAt(1000 + idleSeconds), true);
        sweepAll(1000 + idleSeconds);
        assertThat(rig.pin.flowCount()).isEqualTo(1);
        sweepAll(1000 + idleSeconds + 1);
        assertThat(rig.pin.flowCount()).isZero();
        assertThat(rig.statistics().expirations).isEqualTo(1);
        assertThat(rig.backend(flow(vip), DATA, tickAt(1000 + idleSeconds + 1))).isEqualTo(ADDRESS_2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void aFlowThatExpiredButWasNotSweptChoosesAnew(int vip) {
        rig.packet(flow(vip), DATA, tickAt(5));
        rig.reload(b1Drained);
        assertThat(rig.backend(flow(vip), DATA, tickAt(60))).isEqualTo(ADDRESS_1);
        assertThat(rig.backend(flow(vip), DATA, tickAt(60 + 901))).isEqualTo(ADDRESS_2);
        assertThat(rig.statistics().expirations).isEqualTo(1);
        assertThat(rig.statistics().misses).isEqualTo(2);
        assertThat(rig.pin.flowCount()).isEqualTo(1);
    }

    @Test
    void everyPacketRefreshesItsFlow() {
        for (int second = 0; second < 20_000; second += 800) {
            rig.packet(flow(0), DATA, tickAt(second));
        }
        assertThat(rig.statistics().misses).isEqualTo(1);
        assertThat(rig.statistics().hits).isEqualTo(24);
    }

    @Test
    void timeWrapsAroundUnderAFlow() {
        int last = (1 << 24) - 1;
        rig.packet(flow(0), DATA, last - 10);
        rig.packet(flow(0), DATA, 100);
        assertThat(rig.statistics().hits).isEqualTo(1);
        rig.pin.sweep(3000, true);
        sweepAllAtTick(3000);
        assertThat(rig.pin.flowCount()).isEqualTo(1);
        sweepAllAtTick(100 + 3356);
        assertThat(rig.pin.flowCount()).isZero();
    }

    @Test
    void aClockBelowZeroTicksOnOverZero() {
        assertThat(FlowStateDescriptor.tick(-1)).isEqualTo((1 << 24) - 1);
        assertThat(FlowStateDescriptor.tick(0)).isZero();
        assertThat(FlowStateDescriptor.tick(1L << 28)).isEqualTo(1);
        assertThat(FlowStateDescriptor.tick(1L << 52)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 5})
    void aSynForAClosingFlowWhoseBackendTakesNoNewOnesChoosesByTheTableOfNow(int vip) {
        rig.packet(flow(vip), OPEN, 1);
        rig.packet(flow(vip), DATA, 1);
        rig.packet(flow(vip), CLOSE, 1);
        rig.reload(b1Drained);
        assertThat(rig.backend(flow(vip), DATA, 2)).isEqualTo(ADDRESS_1);
        assertThat(rig.backend(flow(vip), OPEN, 2)).isEqualTo(ADDRESS_2);
        assertThat(rig.backend(flow(vip), DATA, 2)).isEqualTo(ADDRESS_2);
        assertThat(rig.statistics().misses).isEqualTo(2);
        assertThat(rig.pin.flowCount()).isEqualTo(1);
    }

    /** The FIN and the SYN may be forged, by whoever knows or guesses addresses and ports. */
    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 5})
    void aSynForAClosingFlowKeepsABackendThatTakesNewOnes(int vip) {
        L4lbConfig b1Light = PinConfigs.with(64, backend("b1", "10.0.0.1", 1), backend("b2", "10.0.0.2", 100));
        rig.packet(flow(vip), OPEN, 1);
        rig.packet(flow(vip), DATA, 1);
        rig.packet(flow(vip), CLOSE, 1);
        rig.reload(b1Light);
        assertThat(rig.backend(flow(vip), OPEN, 2)).isEqualTo(ADDRESS_1);
        assertThat(rig.backend(flow(vip), DATA, 2)).isEqualTo(ADDRESS_1);
        assertThat(rig.statistics().misses).isEqualTo(2); // it counts as a new one
        int longAfter = tickAt(3600);
        assertThat(rig.backend(flow(vip), OPEN, longAfter)).isEqualTo(ADDRESS_2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 5})
    void aSynForAnEstablishedOrHalfOpenFlowKeepsItsPin(int vip) {
        rig.packet(flow(vip), OPEN, 1);
        rig.reload(b1Drained);
        assertThat(rig.backend(flow(vip), OPEN, 2)).isEqualTo(ADDRESS_1);
        rig.packet(flow(vip), DATA, 2);
        assertThat(rig.backend(flow(vip), OPEN, 3)).isEqualTo(ADDRESS_1);
        assertThat(rig.statistics().hits).isEqualTo(3);
        assertThat(rig.statistics().misses).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5})
    void twoL4PortsOfAnAnyPortVipAreTwoFlows(int vip) {
        Flow https = flow(vip);
        Flow http = new Flow(https.vip(), https.high(), https.low(), https.l4Ports() ^ 0x0001_0000);
        rig.packet(https, DATA, 1);
        rig.reload(b1Drained);
        assertThat(rig.backend(http, DATA, 1)).isEqualTo(ADDRESS_2);
        assertThat(rig.backend(https, DATA, 1)).isEqualTo(ADDRESS_1);
        assertThat(rig.pin.flowCount()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0, 2", "3, 4", "3, 5"})
    void twoVipsWithTheSameClientAndL4PortsAreTwoFlows(int one, int other) {
        rig.packet(flow(one), DATA, 1);
        rig.reload(b1Drained);
        assertThat(rig.backend(flow(other), DATA, 1)).isEqualTo(ADDRESS_2);
        assertThat(rig.backend(flow(one), DATA, 1)).isEqualTo(ADDRESS_1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4})
    void aFlowWhoseBackendIsGoneChoosesAnewAndIsCountedOnce(int vip) {
        rig.packet(flow(vip), DATA, 1);
        rig.reload(onlyB2);
        assertThat(rig.backend(flow(vip), DATA, 2)).isEqualTo(ADDRESS_2);
        assertThat(rig.backend(flow(vip), DATA, 2)).isEqualTo(ADDRESS_2);
        assertThat(rig.statistics().repins).isEqualTo(1);
        assertThat(rig.statistics().hits).isEqualTo(1);
        assertThat(rig.pin.flowCount()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void aFlowWithoutAnyBackendLeftIsDroppedAndCountedNeitherAsRepinnedNorAsExpired(int vip) {
        rig.packet(flow(vip), DATA, 1);
        rig.reload(PinConfigs.with(64, backend("b9", "10.0.0.9", 0)));
        for (int i = 0; i < 5; i++) {
            assertThat(rig.packet(flow(vip), DATA, tickAt(5))).isEqualTo(PinRig.DROPPED);
            assertThat(rig.packet(flow(vip), DATA, tickAt(2000))).isEqualTo(PinRig.DROPPED);
        }
        assertThat(rig.statistics().repins).isZero();
        assertThat(rig.statistics().expirations).isZero();
        rig.reload(onlyB1);
        assertThat(rig.backend(flow(vip), DATA, tickAt(6))).isEqualTo(ADDRESS_1);
    }

    @Test
    void withOnlyDrainedBackendsPinnedFlowsStayAndNewOnesAreDropped() {
        rig.packet(flow(0), DATA, 1);
        rig.reload(allDrained);
        assertThat(rig.backend(flow(0), DATA, 2)).isEqualTo(ADDRESS_1);
        assertThat(rig.packet(flow(2), DATA, 2)).isEqualTo(PinRig.DROPPED);
        assertThat(rig.pin.flowCount()).isEqualTo(1);
    }

    @Test
    void aFlowOfAVipThatLeftAndCameBackIsStillPinned() {
        rig.packet(flow(0), DATA, 1);
        L4lbConfig otherVips = new L4lbConfig(
                onlyB1.node(),
                onlyB1.dataplane(),
                b1Drained.pools(),
                List.of(onlyB1.vips().get(1)));
        rig.reload(otherVips);
        rig.reload(b1Drained);
        assertThat(rig.backend(flow(0), DATA, 2)).isEqualTo(ADDRESS_1);
    }

    private void sweepAll(double seconds) {
        sweepAllAtTick(tickAt(seconds));
    }

    private void sweepAllAtTick(int tick) {
        for (int i = 0; i < 10; i++) {
            rig.pin.sweep(tick, true);
        }
    }
}
