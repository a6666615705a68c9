package io.l4lb.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class BalanceTest {
    @Test
    void loadsAreMeasuredAgainstTheShareOfTheWeight() {
        // Seven slots as 3, 2, 2 of an exact 7/3 each: loads 9/7, 6/7, 6/7.
        MaglevTable table = SlotFill.fill(7, new int[] {3, 0, 3}, new int[] {4, 2, 1}, new int[] {1, 1, 1});

        Balance balance = Balance.of(table, new int[] {1, 1, 1});

        assertThat(balance.maxOverMean()).isCloseTo(9 / 7.0, within(1e-12));
        assertThat(balance.minOverMean()).isCloseTo(6 / 7.0, within(1e-12));
        assertThat(balance.standardDeviation()).isCloseTo(Math.sqrt((4 + 1 + 1) / 49.0 / 3), within(1e-12));
    }

    @Test
    void backendsOfWeightZeroDoNotCount() {
        int[] weights = {0, 7, 0};

        assertThat(Balance.of(Backends.table(13, weights), weights)).isEqualTo(new Balance(1, 1, 0));
    }

    @Test
    void aThousandEqualBackendsAreWithinOnePercentOfTheirShare() {
        int[] weights = Backends.equalWeights(1000, 100);

        Balance balance = Balance.of(Backends.table(65_537, weights), weights);

        assertThat(balance.maxOverMean()).isLessThan(1.01);
        assertThat(balance.minOverMean()).isGreaterThan(0.99);
        assertThat(balance.standardDeviation()).isLessThan(0.01);
    }

    @Test
    void anEmptyTableHasNoBalance() {
        assertThatIllegalArgumentException().isThrownBy(() -> Balance.of(Backends.table(13), new int[0]));
    }
}
