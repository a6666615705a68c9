package io.l4lb.pin;

import static io.l4lb.flow.FlowEvent.CLOSE;
import static io.l4lb.flow.FlowEvent.DATA;
import static io.l4lb.flow.FlowEvent.OPEN;
import static io.l4lb.pin.PinConfigs.B1;
import static io.l4lb.pin.PinConfigs.B2;
import static io.l4lb.pin.PinConfigs.B3;
import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.L4lbConfig;
import io.l4lb.pin.PinRig.Flow;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** More flows than there is room for: which go, and that each is counted. A table for one flow is a single bucket. */
class FullFlowTableTest {
    private static final int IPV4_BUCKET = 4;

    private final L4lbConfig one = PinConfigs.with(1, B1);

    private static Flow flow(L4lbConfig config, int vip, int client) {
        return new Flow(config.vips().get(vip), vip < 3 ? 0 : 7, client, 0xbb01_0000 | (client & 0xffff));
    }

    private Flow flow(int client) {
        return flow(one, PinConfigs.TCP4, client);
    }

    @Test
    void ofHalfOpenFlowsTheOneNotSeenForLongestGoes() {
        int tick = 0;
        try (PinRig rig = new PinRig(one)) {
            for (int client : new int[] {1, 2, 3, 4, 1, 2, 4}) {
                rig.packet(flow(client), OPEN, tick++);
            }
            rig.packet(flow(5), OPEN, 10);
            assertHeld(rig, 11, 1, 2, 4, 5);
            assertThat(rig.statistics().evictions).isEqualTo(1);
            assertThat(rig.pin.flowCount()).isEqualTo(IPV4_BUCKET);
        }
    }

    @Test
    void theAgeOfFlowsCountsAcrossTheEndOfTime() {
        int last = (1 << 24) - 1;
        try (PinRig rig = new PinRig(one)) {
            rig.packet(flow(1), OPEN, last - 1);
            rig.packet(flow(2), OPEN, last);
            rig.packet(flow(3), OPEN, 0);
            rig.packet(flow(4), OPEN, 1);
            rig.packet(flow(1), OPEN, 2);
            rig.packet(flow(5), OPEN, 3);
            assertHeld(rig, 4, 1, 3, 4, 5);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, '1,2,3,5'", "2, '1,2,5,6'", "3, '1,5,6,7'", "4, '1,5,6,7'"})
    void halfOpenGoesBeforeUnprovenThenClosingAndEstablishedNever(int newcomers, String left) {
        try (PinRig rig = new PinRig(one)) {
            establish(rig, 1, 1);
            rig.packet(flow(2), CLOSE, 2);
            rig.packet(flow(3), DATA, 3);
            rig.packet(flow(4), OPEN, 4);
            for (int client = 5; client < 5 + newcomers; client++) {
                establish(rig, client, client);
            }
            assertHeld(
                    rig,
                    10,
                    Pattern.compile(",")
                            .splitAsStream(left)
                            .mapToInt(Integer::parseInt)
                            .toArray());
            assertThat(rig.statistics().evictions).isEqualTo(Math.min(newcomers, 3));
        }
    }

    @Test
    void whatFindsOnlyProvenFlowsIsForwardedUnpinned() {
        try (PinRig rig = new PinRig(one)) {
            for (int client = 1; client <= IPV4_BUCKET; client++) {
                establish(rig, client, client);
            }
            for (int client = 10; client < 20; client++) {
                for (int event : new int[] {OPEN, DATA, DATA, CLOSE}) {
                    assertThat(rig.packet(flow(client), event, 50)).isNotEqualTo(PinRig.DROPPED);
                }
            }
            assertThat(rig.statistics().unpinned).isEqualTo(40);
            assertThat(rig.statistics().misses).isEqualTo(IPV4_BUCKET);
            assertThat(rig.statistics().evictions).isZero();
            assertHeld(rig, 51, 1, 2, 3, 4);
        }
    }

    @Test
    void anExpiredFlowMakesRoomBeforeAnyLiveOneHasToGo() {
        try (PinRig rig = new PinRig(one)) {
            rig.packet(flow(1), OPEN, 0); // the best state of all, but for too long
            establish(rig, 2, 0);
            establish(rig, 3, 1000);
            rig.packet(flow(4), OPEN, 3900);
            rig.packet(flow(5), OPEN, 4000);
            rig.packet(flow(6), OPEN, 4000);
            assertThat(rig.statistics().evictions).isZero();
            assertThat(rig.statistics().expirations).isEqualTo(2);
            assertHeld(rig, 4000, 3, 4, 5, 6);
        }
    }

    /** A hundred times as many SYNs as there is room for, from one client each, against flows that are in use. */
    @ParameterizedTest
    @ValueSource(ints = {PinConfigs.TCP4, PinConfigs.TCP6})
    void aFloodOfSynsTakesNoEstablishedFlowsPlace(int vip) {
        int flows = 2000;
        L4lbConfig config = PinConfigs.with(flows, B1, B2, B3);
        try (PinRig rig = new PinRig(config)) {
            int[] pinned = new int[flows];
            for (int client = 0; client < flows; client++) {
                rig.packet(flow(config, vip, client), OPEN, 0);
                pinned[client] = rig.packet(flow(config, vip, client), DATA, 0);
            }
            for (int client = flows; client < 100 * flows; client++) {
                rig.packet(flow(config, vip, client), OPEN, client / flows);
            }
            FlowTableStatistics statistics = rig.statistics();
            assertThat(statistics.evictions).isPositive();
            assertThat(rig.pin.flowCount())
                    .isEqualTo(statistics.misses - statistics.evictions - statistics.expirations);
            long misses = statistics.misses;
            for (int client = 0; client < flows; client++) {
                assertThat(rig.packet(flow(config, vip, client), DATA, 100)).isEqualTo(pinned[client]);
            }
            assertThat(statistics.misses).isEqualTo(misses);
        }
    }

    /** Every kind of packet at random, thrice as many flows as there is room for. */
    @ParameterizedTest
    @CsvSource({"0, 1", "0, 2", "3, 3", "3, 4"})
    void everyFlowThatComesIsHeldEvictedExpiredOrUnpinned(int vip, long seed) {
        L4lbConfig config = PinConfigs.with(500, B1, B2, B3);
        SplittableRandom random = new SplittableRandom(seed);
        try (PinRig rig = new PinRig(config)) {
            for (int i = 0; i < 200_000; i++) {
                rig.packet(flow(config, vip, random.nextInt(1500)), random.nextInt(3), i / 20);
                rig.pin.sweep(i / 20, false);
            }
            FlowTableStatistics statistics = rig.statistics();
            assertThat(statistics.hits + statistics.misses + statistics.unpinned)
                    .isEqualTo(200_000);
            assertThat(statistics.evictions).isPositive();
            assertThat(rig.pin.flowCount()).isBetween(400L, 940L);
        }
    }

    private void establish(PinRig rig, int client, int tick) {
        rig.packet(flow(client), DATA, tick);
        rig.packet(flow(client), DATA, tick);
    }

    /** Looks each up with a packet, which finds it and refreshes it, or would begin it anew. */
    private void assertHeld(PinRig rig, int tick, int... clients) {
        long misses = rig.statistics().misses;
        for (int client : clients) {
            rig.packet(flow(client), DATA, tick);
            assertThat(rig.statistics().misses)
                    .as("flow of client %d is held", client)
                    .isEqualTo(misses);
        }
    }
}
