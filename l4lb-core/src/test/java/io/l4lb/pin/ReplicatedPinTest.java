package io.l4lb.pin;

import static io.l4lb.flow.FlowEvent.CLOSE;
import static io.l4lb.flow.FlowEvent.DATA;
import static io.l4lb.flow.FlowEvent.OPEN;
import static io.l4lb.pin.PinConfigs.B1;
import static io.l4lb.pin.PinConfigs.B2;
import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.L4lbConfig;
import io.l4lb.net.IpAddress;
import io.l4lb.pin.PinRig.Flow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two nodes: what one has pinned the other goes by, whatever its own table of backends says. */
class ReplicatedPinTest {
    private static final long HOURS_MS = 5 * 3_600_000L;
    private static final IpAddress ONE = B1.address();
    private static final IpAddress TWO = B2.address();

    private final L4lbConfig onlyB1 = PinConfigs.with(64, B1);
    /** Maglev gives new flows to the second, but the first is still there. */
    private final L4lbConfig b1Drained =
            PinConfigs.with(64, io.l4lb.testing.TestConfig.backend("b1", "10.0.0.1", 0), B2);

    private final L4lbConfig onlyB2 = PinConfigs.with(64, B2);
    private ClusterNode a = new ClusterNode("a", onlyB1, 1000, 0, "b");
    private ClusterNode b = new ClusterNode("b", b1Drained, 70_000, HOURS_MS, "a");

    @AfterEach
    void free() {
        a.close();
        b.close();
    }

    private Flow flow(int vip) {
        return new Flow(onlyB1.vips().get(vip), vip < 3 ? 0 : 0x20010db8L, 0x0a0b0c0dL, 0xbb01_1234);
    }

    @ParameterizedTest
    @ValueSource(ints = {PinConfigs.TCP4, PinConfigs.ANY4, PinConfigs.TCP6, PinConfigs.ANY6})
    void establishedFlowGoesOnAtAnotherNode(int vip) {
        a.packet(flow(vip), OPEN);
        a.packet(flow(vip), DATA);
        a.send(b);
        assertThat(b.packet(flow(vip), DATA)).isEqualTo(ONE);
        assertThat(b.rig.statistics().takeovers).isEqualTo(1);
        assertThat(b.rig.statistics().unknown).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {PinConfigs.UDP4, PinConfigs.UDP6})
    void udpFlowIsToldOfWithItsSecondPacket(int vip) {
        a.packet(flow(vip), DATA);
        a.send(b);
        assertThat(b.engine.table().flows()).isZero();
        a.packet(flow(vip), DATA);
        a.send(b);
        assertThat(b.packet(flow(vip), DATA)).isEqualTo(ONE);
    }

    @Test
    void floodOfSynsReplicatesNothing() {
        for (int i = 0; i < 500; i++) {
            a.packet(new Flow(onlyB1.vips().get(0), 0, i, 0xbb01_1234), OPEN);
        }
        a.send(b);
        assertThat(b.engine.table().flows()).isZero();
        assertThat(a.engine.table().flows()).isZero();
    }

    @Test
    void midFlowPacketThatNobodyKnowsIsCounted() {
        assertThat(b.packet(flow(0), DATA)).isEqualTo(TWO);
        assertThat(b.rig.statistics().unknown).isEqualTo(1);
    }

    @Test
    void newConnectionOfAClosedOnesPortsChoosesAnew() {
        a.packet(flow(0), OPEN);
        a.packet(flow(0), DATA);
        a.packet(flow(0), CLOSE);
        a.send(b);
        assertThat(b.packet(flow(0), OPEN)).isEqualTo(TWO);
        b.packet(flow(0), DATA);
        b.send(a);
        // and the first node, whose entry is older, goes by it
        a.at(1010);
        a.rig.reload(b1Drained);
        assertThat(a.packet(flow(0), DATA)).isEqualTo(TWO);
        assertThat(a.rig.statistics().moved).isEqualTo(1);
    }

    /** The new connection's SYN went to yet another node, so this one guesses. */
    @Test
    void guessedClaimInThePlaceOfAClosedOneHoldsAtTheOtherNodesToo() {
        a.packet(flow(0), OPEN);
        a.packet(flow(0), DATA);
        a.packet(flow(0), CLOSE);
        a.send(b);
        b.rig.reload(onlyB2);
        b.packet(flow(0), DATA);
        b.packet(flow(0), DATA);
        b.send(a);
        a.at(1010);
        a.rig.reload(b1Drained);
        assertThat(a.packet(flow(0), DATA)).isEqualTo(TWO);
    }

    @Test
    void nodeThatWasKilledFindsItsFlowsInItsJournal() {
        a.packet(flow(0), OPEN);
        a.packet(flow(0), DATA);
        a.work();
        a = a.restarted(b1Drained);
        assertThat(a.engine.recoveredFlows()).isEqualTo(1);
        assertThat(a.packet(flow(0), DATA)).isEqualTo(ONE);
    }

    @Test
    void nodeThatWasKilledFindsItsPeersFlowsInTheirLocalJournals() {
        a.packet(flow(0), OPEN);
        a.packet(flow(0), DATA);
        a.send(b);
        b = b.restarted(b1Drained);
        assertThat(b.packet(flow(0), DATA)).isEqualTo(ONE);
    }

    @Test
    void longFlowIsKeptAliveByRefreshesAndAnEndedOneIsForgotten() {
        a.packet(flow(0), OPEN);
        a.packet(flow(0), DATA);
        a.send(b);
        for (int seconds = 0; seconds <= 5000; seconds += 100) {
            a.at(1000 + seconds);
            b.at(70_000 + seconds);
            a.packet(flow(0), DATA);
            a.send(b);
        }
        assertThat(b.packet(flow(0), DATA)).isEqualTo(ONE);
        a.at(1000 + 5000 + 1200);
        a.packet(flow(0), DATA);
        assertThat(a.rig.statistics().unknown).isEqualTo(1);
    }

    /** The client vanished, and uses its ports again; the SYN comes upon the old connection's pin. */
    @Test
    void newConnectionOfALiveOnesPortsIsANewClaim() {
        a.packet(flow(0), OPEN);
        a.packet(flow(0), DATA);
        a.work();
        b.rig.reload(onlyB2);
        b.packet(flow(0), OPEN);
        b.packet(flow(0), DATA);
        b.work();
        a.send(b);
        b.send(a);
        // whichever of the two holds: a connection that begins after both at node a is a later claim
        a.packet(flow(0), OPEN);
        a.packet(flow(0), DATA);
        a.send(b);
        b.at(70_010);
        b.rig.reload(b1Drained);
        assertThat(b.packet(flow(0), DATA)).isEqualTo(ONE);
    }

    /** A node that closed the old connection has an entry that says so; the new one, begun elsewhere, went to the same backend. */
    @Test
    void nodeThatClosedTheOldConnectionDoesNotCloseTheNewOne() {
        b.rig.reload(onlyB1);
        a.packet(flow(0), OPEN);
        a.packet(flow(0), DATA);
        a.packet(flow(0), CLOSE);
        a.send(b);
        a.at(1100);
        b.at(70_100);
        b.packet(flow(0), OPEN);
        b.packet(flow(0), DATA);
        b.send(a);
        a.at(1200);
        b.at(70_200);
        a.packet(flow(0), DATA);
        a.send(b);
        // longer than a closing flow is kept
        b.at(70_800);
        b.rig.reload(b1Drained);
        assertThat(b.packet(flow(0), OPEN)).isEqualTo(ONE);
    }

    /** Nobody could reach the node for so long that what it wrote then says nothing of now. */
    @Test
    void whatWasWrittenLongAgoIsOldWhenItComes() {
        a.send(b);
        a.packet(flow(0), OPEN);
        a.packet(flow(0), DATA);
        a.work();
        a.at(1000 + 5000);
        b.at(70_000 + 5000);
        a.send(b);
        assertThat(b.engine.table().flows()).isZero();
        assertThat(b.packet(flow(0), DATA)).isEqualTo(TWO);
    }

    /** The snapshot holds what the journal of the process before says, each flow as old as it is. */
    @Test
    void restartedNodeDoesNotTellItsOldJournalAsNews() {
        a.packet(flow(0), OPEN);
        a.packet(flow(0), DATA);
        a.work();
        a.at(1000 + 5000);
        b.at(70_000 + 5000);
        a = a.restarted(onlyB1);
        a.send(b);
        assertThat(b.engine.table().flows()).isZero();
    }

    @Test
    void repinIsToldOf() {
        a.packet(flow(0), OPEN);
        a.packet(flow(0), DATA);
        a.send(b);
        a.rig.reload(onlyB2);
        assertThat(a.packet(flow(0), DATA)).isEqualTo(TWO);
        a.send(b);
        assertThat(b.packet(flow(0), DATA)).isEqualTo(TWO);
    }

    @Test
    void packetOfAFlowWhoseBackendThisNodeHasYetToLearnOfWaitsForTheReload() {
        b.close();
        b = new ClusterNode("b", onlyB2, 70_000, HOURS_MS, "a");
        a.packet(flow(0), OPEN);
        a.packet(flow(0), DATA);
        a.send(b);
        assertThat(b.drops(flow(0), DATA)).isTrue();
        b.rig.reload(b1Drained);
        assertThat(b.packet(flow(0), DATA)).isEqualTo(ONE);
        b.rig.reload(onlyB2);
        assertThat(b.packet(flow(0), DATA)).as("gone from the configuration").isEqualTo(TWO);
    }
}
