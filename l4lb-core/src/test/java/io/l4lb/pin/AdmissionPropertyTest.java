package io.l4lb.pin;

import static io.l4lb.flow.FlowEvent.DATA;
import static io.l4lb.flow.FlowEvent.OPEN;
import static io.l4lb.pin.PinConfigs.B1;
import static io.l4lb.pin.PinConfigs.B2;
import static io.l4lb.pin.PinConfigs.B3;
import static io.l4lb.pin.PinConfigs.B4;
import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.L4lbConfig;
import io.l4lb.flow.FlowEvent;
import io.l4lb.pin.PinRig.Flow;
import io.l4lb.testing.Seed;
import io.l4lb.testing.TestConfig;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Floods of ten times what the table holds, against flows that send a packet now and then: none of those may be lost. */
class AdmissionPropertyTest {
    private static final int FLOWS = 4096;
    private static final int FLOOD = 10 * FLOWS;
    /** 134 s for the whole flood, longer than half-open flows last. */
    private static final int TICKS = 500;

    private static final SplittableRandom SEEDS = new SplittableRandom(Seed.of(AdmissionPropertyTest.class));

    /** What each forged 5-tuple sends: S a SYN, A an ACK, F a FIN. */
    @ParameterizedTest
    @CsvSource({
        "S, TCP4",
        "S, TCP6",
        "A, TCP4",
        "A, TCP6",
        "SS, TCP4",
        "AA, TCP4",
        "AA, TCP6",
        "SA, TCP4",
        "SA, TCP6",
        "F, TCP4",
        "SF, TCP4",
        "AF, TCP6",
        "S A SA AA, TCP4",
        "S A SA AA F, TCP6",
        "A AA, UDP4",
        "A AA, UDP6"
    })
    void aFloodOfTenTimesTheTableTakesNoProvenFlowsPlace(String kinds, String vip) {
        long seed = SEEDS.nextLong();
        L4lbConfig config = PinConfigs.with(new TestConfig().flows(FLOWS).idleSeconds(900, 900), B1, B2, B3);
        try (PinRig rig = new PinRig(config)) {
            int[] pinned = establish(rig, config, vip, seed);
            // other backends: who has lost his entry would show it
            rig.reload(PinConfigs.with(new TestConfig().flows(FLOWS).idleSeconds(900, 900), B1, B2, B3, B4));
            String[] kind = kinds.split(" ", -1);
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < FLOOD; i++) {
                int tick = 1 + (int) ((long) i * TICKS / FLOOD);
                Flow forged = new Flow(config.vips().get(index(vip)), 1 + random.nextInt(), random.nextInt(), i);
                for (char packet : kind[i % kind.length].toCharArray()) {
                    assertThat(rig.packet(forged, event(packet), tick)).isNotEqualTo(PinRig.DROPPED);
                }
                if (i % 5 == 0) {
                    long misses = rig.statistics().misses;
                    int client = i / 5 % FLOWS;
                    assertThat(rig.packet(flow(config, vip, seed, client), DATA, tick))
                            .as("flow %d after %d forged ones, seed %d", client, i, seed)
                            .isEqualTo(pinned[client]);
                    assertThat(rig.statistics().misses).isEqualTo(misses);
                }
            }
            assertThat(rig.statistics().evictions + rig.statistics().unpinned).isPositive();
        }
    }

    /** Half of the table is free of proven flows: a client's second packet must come before the flood is through with it. */
    @Test
    void aFlowThatBeginsDuringAFloodIsPinnedWhenItsSecondPacketComes() {
        L4lbConfig config = PinConfigs.with(new TestConfig().flows(FLOWS).idleSeconds(900, 900), B1, B2, B3);
        long seed = SEEDS.nextLong();
        try (PinRig rig = new PinRig(config)) {
            establish(rig, config, "TCP4", seed);
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < FLOOD; i++) {
                rig.packet(
                        new Flow(config.vips().getFirst(), 0, random.nextInt(), i),
                        i % 2 == 0 ? OPEN : DATA,
                        1 + i / 1000);
            }
            int held = 0;
            for (int client = 0; client < 100; client++) {
                Flow late = flow(config, "TCP4", ~seed, client);
                rig.packet(late, OPEN, 100);
                rig.packet(late, DATA, 100);
                long hits = rig.statistics().hits;
                rig.packet(late, DATA, 101);
                held += (int) (rig.statistics().hits - hits);
            }
            assertThat(held).isGreaterThan(95); // a few find only proven flows in both their buckets
        }
    }

    private static int[] establish(PinRig rig, L4lbConfig config, String vip, long seed) {
        int[] pinned = new int[FLOWS];
        for (int client = 0; client < FLOWS; client++) {
            Flow flow = flow(config, vip, seed, client);
            rig.packet(flow, vip.startsWith("TCP") ? OPEN : DATA, 0);
            pinned[client] = rig.packet(flow, DATA, 0);
        }
        assertThat(rig.statistics().evictions + rig.statistics().unpinned).isZero();
        return pinned;
    }

    private static Flow flow(L4lbConfig config, String vip, long seed, int client) {
        return new Flow(config.vips().get(index(vip)), 0, (int) (seed + client), 0xbb01_0000 | (client & 0xffff));
    }

    private static int event(char packet) {
        return switch (packet) {
            case 'S' -> OPEN;
            case 'A' -> DATA;
            default -> FlowEvent.CLOSE;
        };
    }

    private static int index(String vip) {
        return switch (vip) {
            case "TCP4" -> PinConfigs.TCP4;
            case "UDP4" -> PinConfigs.UDP4;
            case "TCP6" -> PinConfigs.TCP6;
            default -> PinConfigs.UDP6;
        };
    }
}
