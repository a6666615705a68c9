package io.l4lb.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MaglevMixTest {
    private static final int SLOTS = 65_537;
    private static final List<byte[]> NAMES =
            List.of("blue".getBytes(StandardCharsets.UTF_8), "green".getBytes(StandardCharsets.UTF_8));

    private static MaglevMix mix(int blue, int green, int... slotCounts) {
        return MaglevMix.of(NAMES, List.of(blue, green), SLOTS, slotCounts);
    }

    private static long slotsOf(MaglevMix mix, int table) {
        return IntStream.range(0, mix.slotCount())
                .filter(slot -> mix.tableAt(slot) == table)
                .count();
    }

    @Test
    void tablesHaveSlotsByTheirWeights() {
        MaglevMix mix = mix(95, 5, SLOTS, SLOTS);
        assertThat(mix.slotCount()).isEqualTo(SLOTS);
        assertThat((double) slotsOf(mix, 1)).isCloseTo(SLOTS * 0.05, within(1.0));
    }

    @Test
    void backendsOfEachTableKeepTheirSharesWithinIt() {
        MaglevTable blue = Backends.table(SLOTS, 100, 100, 200);
        MaglevMix mix = mix(60, 40, SLOTS, SLOTS);
        int[] counts = new int[3];
        IntStream.range(0, SLOTS)
                .filter(slot -> mix.tableAt(slot) == 0)
                .forEach(slot -> counts[blue.backendAt(mix.slotInTable(slot))]++);
        // which slots of a backend fall to the table is as good as chance: sigma of a quarter's share is 0.5 %
        assertThat((double) counts[0]).isCloseTo(SLOTS * 0.6 / 4, within(SLOTS * 0.6 / 4 * 0.03));
        assertThat((double) counts[2]).isCloseTo(SLOTS * 0.6 / 2, within(SLOTS * 0.6 / 2 * 0.03));
    }

    @Test
    void otherWeightsMoveSlotsBetweenTablesAndNoneWithinOne() {
        MaglevMix before = mix(95, 5, SLOTS, SLOTS);
        MaglevMix after = mix(90, 10, SLOTS, SLOTS);
        long moved = IntStream.range(0, SLOTS)
                .filter(slot -> before.tableAt(slot) != after.tableAt(slot))
                .count();
        assertThat(moved).isBetween(SLOTS * 5L / 100 - 2, SLOTS * 7L / 100);
        IntStream.range(0, SLOTS)
                .forEach(slot -> assertThat(after.slotInTable(slot)).isEqualTo(before.slotInTable(slot)));
    }

    @Test
    void tableWithoutBackendsLeavesItsShareToTheOthersWhoseSlotsStay() {
        MaglevMix mix = mix(95, 5, 0, 1009);
        MaglevMix before = mix(95, 5, SLOTS, 1009);
        assertThat(slotsOf(mix, 1)).isEqualTo(SLOTS);
        IntStream.range(0, SLOTS)
                .filter(slot -> before.tableAt(slot) == 1)
                .forEach(slot -> assertThat(mix.slotInTable(slot)).isEqualTo(before.slotInTable(slot)));
        assertThat(mix(95, 0, 0, 1009).slotCount()).isZero();
        assertThat(mix(95, 5, 0, 0).slotCount()).isZero();
    }

    @Test
    void smallerTableIsGoneRoundInALargerOne() {
        MaglevMix mix = mix(1, 1, 13, 1009);
        assertThat(mix.slotCount()).isEqualTo(SLOTS);
        assertThat(IntStream.range(0, SLOTS)
                        .filter(slot -> mix.tableAt(slot) == 0)
                        .map(mix::slotInTable)
                        .distinct()
                        .count())
                .isEqualTo(13);
    }
}
