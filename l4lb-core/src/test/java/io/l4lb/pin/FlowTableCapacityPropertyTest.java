package io.l4lb.pin;

import static io.l4lb.pin.PinConfigs.B1;
import static io.l4lb.pin.PinConfigs.B2;
import static io.l4lb.pin.PinConfigs.B3;
import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.L4lbConfig;
import io.l4lb.flow.FlowEvent;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.pin.PinRig.Flow;
import io.l4lb.testing.Seed;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the table promises of its size: it holds the configured number of flows, within the memory stated. */
class FlowTableCapacityPropertyTest {
    private static final int IDLE_TICKS = 4000; // 1073 s, the configuration says 900

    private static final SplittableRandom SEEDS = new SplittableRandom(Seed.of(FlowTableCapacityPropertyTest.class));

    @ParameterizedTest
    @CsvSource({
        "100, TCP4, 50", "100, TCP6, 50", "1000, ANY4, 20", "1000, ANY6, 20",
        "100000, TCP4, 5", "100000, UDP6, 5", "1000000, UDP4, 2", "1000000, TCP6, 2"
    })
    void filledToItsConfiguredNumberOfFlowsItEvictsNoneAndFindsThemAll(int flows, String vip, int runs) {
        L4lbConfig config = PinConfigs.with(flows, B1, B2, B3);
        for (int run = 0; run < runs; run++) {
            long seed = SEEDS.nextLong();
            try (PinRig rig = new PinRig(config)) {
                packets(rig, config, vip, flows, seed, 0);
                assertThat(rig.statistics().misses).isEqualTo(flows);
                packets(rig, config, vip, flows, seed, 1);
                assertThat(rig.statistics().hits).as("run %d", run).isEqualTo(flows);
                assertThat(rig.statistics().misses).isEqualTo(flows);
                assertThat(rig.statistics().evictions).isZero();
                assertThat(rig.pin.flowCount()).isEqualTo(flows);
            }
        }
    }

    /** Sweeping takes a while; flows that have expired meanwhile must not cost a live one its place. */
    @ParameterizedTest
    @ValueSource(strings = {"TCP4", "TCP6"})
    void flowsThatHaveExpiredButWereNotSweptYetTakeNoLiveFlowsPlace(String vip) {
        int flows = 20_000;
        L4lbConfig config = PinConfigs.with(flows, B1, B2, B3);
        try (PinRig rig = new PinRig(config)) {
            for (int generation = 0; generation < 4; generation++) {
                packets(rig, config, vip, flows, generation, generation * IDLE_TICKS);
                packets(rig, config, vip, flows, generation, generation * IDLE_TICKS + 1);
                assertThat(rig.statistics().evictions).isZero();
                assertThat(rig.statistics().hits).isEqualTo((generation + 1L) * flows);
            }
        }
    }

    /** New flows come as fast as old ones expire, and nobody sweeps: as many as configured are live all the time. */
    @ParameterizedTest
    @ValueSource(strings = {"TCP4", "TCP6"})
    void asManyLiveFlowsAsConfiguredComeAndGoWithoutAnEviction(String vip) {
        int flowsPerTick = 32;
        int liveTicks = 3355; // 900 s and what is added for rounding
        L4lbConfig config = PinConfigs.with(flowsPerTick * liveTicks, B1, B2, B3);
        try (PinRig rig = new PinRig(config)) {
            for (int tick = 0; tick < 3 * liveTicks; tick++) {
                packets(rig, config, vip, flowsPerTick, tick, tick);
            }
            assertThat(rig.statistics().evictions).isZero();
            assertThat(rig.statistics().expirations).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 17, 1000, 65_536, 1_000_000, 8_388_608, 1 << 24})
    void itTakesAtMost32BytesAFlowForIpv4And64ForIpv6(int flows) {
        FlowTimeouts timeouts = new FlowTimeouts(900, 60);
        FlowTable ipv4 = new Ipv4FlowTable(flows, false, timeouts, new FlowTableStatistics());
        FlowTable ipv6 = new Ipv6FlowTable(flows, false, timeouts, new FlowTableStatistics());
        assertThat((long) ipv4.bucketCount * FlowTable.BUCKET_BYTES).isLessThanOrEqualTo(32L * flows);
        assertThat((long) ipv6.bucketCount * FlowTable.BUCKET_BYTES).isLessThanOrEqualTo(64L * flows);
        ipv4.close();
        ipv6.close();
    }

    @Test
    void bothBucketsOfAFlowLieInTheTableAndDiffer() {
        FlowTable table = new Ipv6FlowTable(100, false, new FlowTimeouts(900, 60), new FlowTableStatistics());
        long end = table.buckets + (long) table.bucketCount * FlowTable.BUCKET_BYTES;
        for (long hash : new long[] {0, -1, 0xffff_ffffL, 0xffff_ffff_0000_0000L, 0x8000_0000_8000_0000L}) {
            assertThat(table.firstBucket(hash)).isBetween(table.buckets, end - FlowTable.BUCKET_BYTES);
            assertThat(table.secondBucket(hash))
                    .isBetween(table.buckets, end - FlowTable.BUCKET_BYTES)
                    .isNotEqualTo(table.firstBucket(hash));
        }
        table.close();
    }

    /** One packet of each of {@code count} flows that the seed gives. */
    private static void packets(PinRig rig, L4lbConfig config, String vip, int count, long seed, int tick) {
        SplittableRandom random = new SplittableRandom(seed);
        int index = switch (vip) {
            case "TCP4" -> PinConfigs.TCP4;
            case "UDP4" -> PinConfigs.UDP4;
            case "ANY4" -> PinConfigs.ANY4;
            case "TCP6" -> PinConfigs.TCP6;
            case "UDP6" -> PinConfigs.UDP6;
            default -> PinConfigs.ANY6;
        };
        for (int i = 0; i < count; i++) {
            // the ports make each flow another: a million random 64-bit keys would do, ten clients' would not
            rig.gather(
                    new Flow(config.vips().get(index), random.nextInt(4), random.nextInt(1 << 20), i), FlowEvent.DATA);
            if (rig.isFull()) {
                rig.run(tick);
            }
        }
        rig.run(tick);
    }
}
