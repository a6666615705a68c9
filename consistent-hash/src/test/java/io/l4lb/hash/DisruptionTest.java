package io.l4lb.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The measure itself, and what tables of 65,537 slots measure: the bounds are about twice what was found. */
class DisruptionTest {
    @Test
    void theExampleOfThePaperMovesOneSlotOfASurvivor() {
        MaglevTable before = SlotFill.fill(7, new int[] {3, 0, 3}, new int[] {4, 2, 1}, new int[] {1, 1, 1});
        MaglevTable after = SlotFill.fill(7, new int[] {3, 3}, new int[] {4, 1}, new int[] {1, 1});

        // 1 0 1 0 2 2 0 becomes 0 0 0 0 1 1 1, where B2 is now ordinal 1: only slot 6 leaves a survivor.
        Disruption disruption = Disruption.between(before, after, new int[] {0, Disruption.GONE, 1});

        assertThat(disruption).isEqualTo(new Disruption(5, 1, 0));
        assertThat(disruption.movedShare()).isEqualTo(0.2);
    }

    @Test
    void theSameTableMovesNothing() {
        MaglevTable table = Backends.table(1009, 1, 2, 3);

        assertThat(Disruption.between(table, table, Backends.identityMapping(3)))
                .isEqualTo(new Disruption(1009, 0, 0));
    }

    @Test
    void everySlotOfASurvivorLeavesForAnEmptyTableAndNoneComesFromOne() {
        MaglevTable table = Backends.table(1009, 1, 2);
        MaglevTable empty = Backends.table(1009, 0, 0);

        assertThat(Disruption.between(empty, table, Backends.identityMapping(2)).movedShare())
                .isZero();
        assertThat(Disruption.between(table, empty, Backends.identityMapping(2)))
                .isEqualTo(new Disruption(1009, 1009, 1009));
        assertThat(Disruption.between(table, empty, new int[] {Disruption.GONE, Disruption.GONE}))
                .isEqualTo(new Disruption(0, 0, 0));
    }

    @Test
    void tablesOfDifferentSizesCannotBeCompared() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Disruption.between(Backends.table(7, 1), Backends.table(11, 1), Backends.identityMapping(1)));
    }

    @Test
    void removingOneOfTenMovesLessThanOnePercentOfTheOthers() {
        assertThat(worstRemoval(Backends.equalWeights(10, 100))).isLessThan(0.01);
    }

    @Test
    void removingOneOfAHundredMovesLessThanTwelvePerMilleOfTheOthers() {
        assertThat(worstRemoval(Backends.equalWeights(100, 100))).isLessThan(0.012);
    }

    @Test
    void removingOneOfAHundredOfMixedWeightsMovesLittleToo() {
        assertThat(worstRemoval(new SplittableRandom(1).ints(100, 1, 101).toArray()))
                .isLessThan(0.015);
    }

    @Test
    void aChangedWeightMovesLittleMoreThanItHasTo() {
        for (int backends : new int[] {10, 100}) {
            int[] before = Backends.equalWeights(backends, 100);
            int[] after = before.clone();
            after[3] = 50;

            Disruption disruption = Disruption.between(
                    Backends.table(65_537, before), Backends.table(65_537, after), Backends.identityMapping(backends));

            assertThat(disruption.unavoidableSlots()).isGreaterThan(300);
            assertThat(disruption.movedSlots() - disruption.unavoidableSlots())
                    .as("%d backends", backends)
                    .isLessThan(655);
        }
    }

    @Test
    void theWeightOfOneBackendRaisedByAHundredthMovesAlmostNothing() {
        int[] before = Backends.equalWeights(100, 100);
        int[] after = before.clone();
        after[70] = 101;

        Disruption disruption = Disruption.between(
                Backends.table(65_537, before), Backends.table(65_537, after), Backends.identityMapping(100));

        assertThat(disruption.movedShare()).isLessThan(0.003);
    }

    /** {@return the highest share moved, over removals of backends 0, 10 %, 20 % … of the way} */
    private static double worstRemoval(int... weights) {
        MaglevTable before = Backends.table(65_537, weights);
        double worst = 0;
        for (int removed = 0; removed < weights.length; removed += weights.length / 10) {
            int[] newOrdinals = Backends.identityMapping(weights.length);
            newOrdinals[removed] = Disruption.GONE;
            int[] remaining = weights.clone();
            remaining[removed] = 0;
            Disruption disruption = Disruption.between(before, Backends.table(65_537, remaining), newOrdinals);
            worst = Math.max(worst, disruption.movedShare());
        }
        return worst;
    }
}
