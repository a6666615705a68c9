package io.l4lb.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MaglevTableTest {
    @Test
    void withEqualWeightsSlotsDifferByAtMostOne() {
        for (int backends : new int[] {1, 2, 3, 7, 10, 100, 999, 1000, 65_537}) {
            int[] counts =
                    Backends.table(65_537, Backends.equalWeights(backends, 100)).slotCounts(backends);

            assertThat(Arrays.stream(counts).max().orElseThrow()
                            - Arrays.stream(counts).min().orElseThrow())
                    .as("%d backends", backends)
                    .isLessThanOrEqualTo(1);
        }
    }

    @Test
    void weightsOfOneToTenGetSlotsOfOneToTenWithinOnePercent() {
        int[] counts = Backends.table(65_537, 10, 100).slotCounts(2);

        assertThat(counts[1] / (double) counts[0]).isBetween(9.9, 10.1);
        assertThat(counts).containsExactly(5958, 59_579);
    }

    @Test
    void oneHeavyBackendAmongManyLightOnesGetsItsExactShare() {
        int[] weights = Backends.equalWeights(1000, 1);
        weights[500] = 65_535;

        int[] counts = Backends.table(65_537, weights).slotCounts(1000);

        double share = 65_537.0 * 65_535 / (65_535 + 999);
        assertThat((double) counts[500]).isBetween(share - 1, share + 1);
        assertThat(Arrays.stream(counts).min().orElseThrow()).isGreaterThanOrEqualTo(0);
        assertThat(Arrays.stream(counts).sum()).isEqualTo(65_537);
    }

    @Test
    void aBackendOfWeightZeroHasNoSlotButKeepsItsOrdinal() {
        int[] counts = Backends.table(1009, 0, 5, 0, 5).slotCounts(4);

        assertThat(counts[0]).isZero();
        assertThat(counts[2]).isZero();
        assertThat(counts[1] + counts[3]).isEqualTo(1009);
    }

    @Test
    void theTableWithoutTheBackendsOfWeightZeroIsTheSameTable() {
        MaglevTable with = new MaglevTableBuilder(1009)
                .add(Backends.identity(5), 1)
                .add(Backends.identity(6), 2)
                .add(Backends.identity(4), 0)
                .build();
        MaglevTable without = new MaglevTableBuilder(1009)
                .add(Backends.identity(5), 1)
                .add(Backends.identity(6), 2)
                .build();

        assertThat(Backends.slots(with)).isEqualTo(Backends.slots(without));
    }

    @Test
    void withoutBackendsTheTableIsEmptyAndNamesNone() {
        for (MaglevTable table : new MaglevTable[] {Backends.table(13), Backends.table(13, 0, 0)}) {
            assertThat(table.isEmpty()).isTrue();
            assertThat(table.slotCount()).isEqualTo(13);
            assertThat(Backends.slots(table)).containsOnly(MaglevTable.NO_BACKEND);
            assertThat(table.slotCounts(2)).containsExactly(0, 0);
        }
        assertThat(Backends.table(13, 0, 1).isEmpty()).isFalse();
    }

    @Test
    void theSmallestAndTheLargestTableAreFilled() {
        assertThat(Backends.table(2, 1, 1).slotCounts(2)).containsExactly(1, 1);
        assertThat(Backends.table(2, 1, 1, 1).slotCounts(3)).containsExactly(1, 1, 0);
        assertThat(Backends.table(16_777_213, 65_535).slotCounts(1)).containsExactly(16_777_213);
        assertThat(Backends.table(16_777_213, 65_535, 1, 3).slotCounts(3)).satisfies(counts -> {
            assertThat(Arrays.stream(counts).sum()).isEqualTo(16_777_213);
            assertThat(counts[1]).isBetween(255, 256);
        });
    }

    @Test
    void slotsOfHashesAreWithinTheTableAndEven() {
        assertThat(MaglevTable.slotOf(0, 65_537)).isZero();
        assertThat(MaglevTable.slotOf(-1, 65_537)).isEqualTo(65_536);
        assertThat(MaglevTable.slotOf(Long.MIN_VALUE, 65_537)).isEqualTo(32_768);
        int[] flowsPerSlot = new int[7];
        for (int flow = 0; flow < 70_000; flow++) {
            flowsPerSlot[MaglevTable.slotOf(flow * 0x9e3779b97f4a7c15L, 7)]++;
        }
        assertThat(Arrays.stream(flowsPerSlot)).allMatch(flows -> flows > 9_900 && flows < 10_100);
    }

    @Test
    void aWrongTableSizeIsRefusedWithWhatWouldBeRight() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MaglevTableBuilder(65_536))
                .withMessage("table size 65536: expected a prime; the next one is 65537");
        for (int size : new int[] {Integer.MIN_VALUE, -7, 0, 1, (1 << 24) + 1, Integer.MAX_VALUE}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new MaglevTableBuilder(size))
                    .withMessageContaining("expected a prime from 2 to 16777216");
        }
    }

    @Test
    void wrongBackendsAreRefused() {
        MaglevTableBuilder builder = new MaglevTableBuilder(13).add(Backends.identity(1), 1);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.add(Backends.identity(2), -1))
                .withMessage("weight -1: expected 0 to 65535");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.add(Backends.identity(2), 65_536));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.add(new byte[0], 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.add(Backends.identity(1), 3))
                .withMessageContaining("added twice");
        assertThat(builder.build().slotCounts(1)).containsExactly(13);
    }
}
