package io.l4lb.pin;

import static io.l4lb.pin.PinConfigs.B1;
import static io.l4lb.pin.PinConfigs.B2;
import static io.l4lb.pin.PinConfigs.B3;
import static io.l4lb.testing.TestConfig.backend;
import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.burst.Burst;
import io.l4lb.burst.Verdict;
import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.flow.FlowEvent;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.pin.PinRig.Flow;
import io.l4lb.testing.Seed;
import io.l4lb.testing.TestConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Random packets, pauses, sweeps and reloads, against {@link FlowModel}; never more flows than configured. */
class PinPropertyTest {
    private static final int FLOWS = 600;
    private static final int BURSTS = 60_000;
    /** The ticks of a run wrap around once. */
    private static final long FIRST_TICK = (1L << 24) - 20_000;

    private static final int TICK_MASK = (1 << 24) - 1;

    private static final List<BackendConfig[]> POOLS = List.of(
            new BackendConfig[] {B1, B2, B3},
            new BackendConfig[] {B3, B1},
            new BackendConfig[] {B2, backend("b1", "10.0.0.1", 0), B3},
            new BackendConfig[] {backend("b1", "10.0.0.1", 7), B2, B3, backend("b4", "10.0.0.4", 100)},
            new BackendConfig[] {backend("b2", "10.0.0.2", 0)});

    private final long seed = Seed.of(PinPropertyTest.class);
    private final SplittableRandom random = new SplittableRandom(seed);
    private final List<L4lbConfig> configs = POOLS.stream()
            .map(pool -> PinConfigs.with(new TestConfig().flows(FLOWS).idleSeconds(400, 30), pool))
            .toList();
    private final List<Flow> flows = new ArrayList<>();
    private final FlowModel model = new FlowModel(configs.getFirst());
    private long tick = FIRST_TICK;

    @Test
    void everyPacketGoesWhereASlowModelSaysAndAllCountsAgree() {
        makeFlows();
        try (PinRig rig = new PinRig(configs.getFirst())) {
            for (int burst = 0; burst < BURSTS; burst++) {
                pauseOrReload(rig);
                burst(rig, burst);
                rig.pin.sweep((int) tick & TICK_MASK, random.nextInt(8) == 0);
            }
            assertThat(tick).isGreaterThan(1L << 24);
            assertThat(rig.statistics().hits).isEqualTo(model.hits).isPositive();
            assertThat(rig.statistics().misses).isEqualTo(model.misses).isPositive();
            assertThat(rig.statistics().repins).isEqualTo(model.repins).isPositive();
            assertThat(rig.statistics().evictions).isZero();
            assertThat(rig.statistics().unpinned).isZero();
            sweepAll(rig);
            assertThat(rig.pin.flowCount()).isEqualTo(model.liveCount(tick));
        }
    }

    /** A sixth for each VIP, so that neither table gets more than it is made for; many clients with many L4 ports. */
    private void makeFlows() {
        for (int i = 0; i < FLOWS; i++) {
            int vip = i % 6;
            long low = random.nextInt(20);
            flows.add(new Flow(
                    configs.getFirst().vips().get(vip), vip < 3 ? 0 : random.nextInt(3), low, random.nextInt()));
        }
    }

    private void pauseOrReload(PinRig rig) {
        int dice = random.nextInt(3000);
        if (dice < 400) {
            tick += random.nextInt(3);
        } else if (dice < 404) {
            tick += random.nextInt(2000);
        } else if (dice < 408) {
            L4lbConfig next = configs.get(random.nextInt(configs.size()));
            rig.reload(next);
            model.reload(next);
        }
    }

    private void burst(PinRig rig, int number) {
        int count = 1 + random.nextInt(Burst.CAPACITY);
        Flow[] packets = new Flow[count];
        int[] events = new int[count];
        for (int i = 0; i < count; i++) {
            packets[i] = flows.get(random.nextInt(random.nextBoolean() ? flows.size() : 40));
            int dice = packets[i].vip().protocol() == Protocol.UDP ? 0 : random.nextInt(10);
            events[i] = dice < 6 ? FlowEvent.DATA : dice < 8 ? FlowEvent.OPEN : FlowEvent.CLOSE;
            rig.gather(packets[i], events[i]);
        }
        rig.run((int) tick & TICK_MASK);
        for (int i = 0; i < count; i++) {
            IpAddress expected = model.packet(packets[i], events[i], tick);
            IpAddress actual = Burst.verdict(rig.burst.columns(), i) >= Verdict.DROP
                    ? null
                    : rig.numbers
                            .destinations()
                            .get(Burst.destination(rig.burst.columns(), i))
                            .backend();
            assertThat(actual)
                    .as("seed %d, burst %d: %s of %s", seed, number, events[i], packets[i])
                    .isEqualTo(expected);
        }
        for (int i = 0; i < Burst.CAPACITY; i++) {
            Burst.verdict(rig.burst.columns(), i, Verdict.PUNT);
        }
    }

    private void sweepAll(PinRig rig) {
        for (int i = 0; i < FLOWS; i++) {
            rig.pin.sweep((int) tick & TICK_MASK, true);
        }
    }
}
