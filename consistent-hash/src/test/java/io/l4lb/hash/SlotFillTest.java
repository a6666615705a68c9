package io.l4lb.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

/** The paper's own example (Maglev, NSDI 2016, table 1 and section 3.4). */
class SlotFillTest {
    @Test
    void theTableOfThePaperIsReproduced() {
        MaglevTable table = SlotFill.fill(7, new int[] {3, 0, 3}, new int[] {4, 2, 1}, new int[] {1, 1, 1});

        assertThat(Backends.slots(table)).containsExactly(1, 0, 1, 0, 2, 2, 0);
    }

    @Test
    void theTableOfThePaperWithoutB1IsReproduced() {
        MaglevTable table = SlotFill.fill(7, new int[] {3, 0, 3}, new int[] {4, 2, 1}, new int[] {1, 0, 1});

        assertThat(Backends.slots(table)).containsExactly(0, 0, 0, 0, 2, 2, 2);
    }

    @Test
    void equalWeightsOfAnyHeightGiveTheTableOfThePaper() {
        MaglevTable table = SlotFill.fill(7, new int[] {3, 0, 3}, new int[] {4, 2, 1}, new int[] {999, 999, 999});

        assertThat(Backends.slots(table)).containsExactly(1, 0, 1, 0, 2, 2, 0);
    }

    @Test
    void permutationsThatDoNotVisitEverySlotAreRefused() {
        int[] one = {1};
        assertThatIllegalArgumentException().isThrownBy(() -> SlotFill.fill(8, one, new int[] {2}, one));
        assertThatIllegalArgumentException().isThrownBy(() -> SlotFill.fill(7, one, new int[] {0}, one));
        assertThatIllegalArgumentException().isThrownBy(() -> SlotFill.fill(7, one, new int[] {7}, one));
        assertThatIllegalArgumentException().isThrownBy(() -> SlotFill.fill(7, new int[] {7}, one, one));
        assertThatIllegalArgumentException().isThrownBy(() -> SlotFill.fill(7, one, one, new int[] {65_536}));
        assertThatIllegalArgumentException().isThrownBy(() -> SlotFill.fill(7, one, one, new int[] {1, 1}));
    }
}
