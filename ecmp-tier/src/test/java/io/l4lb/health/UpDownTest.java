package io.l4lb.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.HealthCheckConfig.Pace;
import io.l4lb.health.UpDown.Belief;
import org.junit.jupiter.api.Test;

class UpDownTest {
    private static final Pace PACE = new Pace(1000, 500, 2, 3);

    @Test
    void theFirstResultDecidesAboutNewFlowsAtOnce() {
        assertThat(after(Belief.UNKNOWN, "+")).isEqualTo(Belief.UP);
        assertThat(after(Belief.UNKNOWN, "-")).isEqualTo(Belief.DOUBTED);
    }

    /** Or a node that starts on a busy machine would end connections that its peers have pinned. */
    @Test
    void pinnedFlowsStayUntilAllOfTheFirstFallTriesHaveFailed() {
        assertThat(after(Belief.UNKNOWN, "--")).isEqualTo(Belief.DOUBTED);
        assertThat(after(Belief.UNKNOWN, "---")).isEqualTo(Belief.DOWN);
        assertThat(after(Belief.UNKNOWN, "--+")).isEqualTo(Belief.UP);
        assertThat(after(Belief.UNKNOWN, "--+--")).isEqualTo(Belief.UP);
        assertThat(after(Belief.UNKNOWN, "---+")).isEqualTo(Belief.DOWN);
        UpDown hasty = new UpDown(new Pace(1000, 500, 2, 1), Belief.UNKNOWN);
        hasty.observe(false);
        assertThat(hasty.belief()).isEqualTo(Belief.DOWN);
    }

    @Test
    void fallFailuresInARowTakeItDown() {
        assertThat(after(Belief.UP, "--")).isEqualTo(Belief.UP);
        assertThat(after(Belief.UP, "---")).isEqualTo(Belief.DOWN);
        assertThat(after(Belief.UP, "--+--")).isEqualTo(Belief.UP);
        assertThat(after(Belief.UP, "--+---")).isEqualTo(Belief.DOWN);
    }

    @Test
    void riseSuccessesInARowBringItUp() {
        assertThat(after(Belief.DOWN, "+")).isEqualTo(Belief.DOWN);
        assertThat(after(Belief.DOWN, "+-+")).isEqualTo(Belief.DOWN);
        assertThat(after(Belief.DOWN, "+-++")).isEqualTo(Belief.UP);
    }

    @Test
    void anotherPaceKeepsTheResultsInARow() {
        UpDown state = new UpDown(PACE, Belief.UP);
        state.observe(false);
        state.observe(false);

        UpDown same = state.at(PACE);
        same.observe(false);
        assertThat(same.belief()).isEqualTo(Belief.DOWN);
        UpDown slower = state.at(new Pace(1000, 500, 2, 5));
        slower.observe(false);
        assertThat(slower.belief()).isEqualTo(Belief.UP);
    }

    private static Belief after(Belief before, String results) {
        UpDown state = new UpDown(PACE, before);
        results.chars().forEach(result -> state.observe(result == '+'));
        return state.belief();
    }
}
