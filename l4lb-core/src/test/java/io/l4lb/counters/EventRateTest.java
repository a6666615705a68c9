package io.l4lb.counters;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EventRateTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final EventRate rate = new EventRate();

    /** Events come at {@code perSecond} for so many seconds. */
    private void run(int fromSecond, int seconds, long fromCount, long perSecond) {
        for (int second = 0; second <= seconds; second++) {
            rate.sample((fromSecond + second) * SECOND_NS, fromCount + second * perSecond);
        }
    }

    @Test
    void oneLookSaysNothing() {
        rate.sample(7 * SECOND_NS, 1_000_000);
        assertThat(rate.perSecond()).isZero();
    }

    @Test
    void isThatOfTheWindow() {
        run(0, 3, 500, 100);
        assertThat(rate.perSecond()).isEqualTo(100);
        run(4, 29, 900, 1000);
        assertThat(rate.perSecond()).isEqualTo(1000);
    }

    @Test
    void fallsToNothingWhenNothingComes() {
        run(0, 20, 0, 1000);
        run(21, EventRate.WINDOW_SECONDS, 20_000, 0);
        assertThat(rate.perSecond()).isZero();
    }

    @Test
    void aThreadThatWasHeldUpMakesTheWindowLonger() {
        run(0, EventRate.WINDOW_SECONDS, 0, 0);
        rate.sample(30 * SECOND_NS, 29_000);
        assertThat(rate.perSecond()).isEqualTo(1000);
    }
}
