package io.l4lb.bench.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.bench.simulation.Simulation.Outcome;
import io.l4lb.bench.simulation.Truth.Count;
import org.junit.jupiter.api.Test;

/** A few clusters under random events, for the build; {@code ./l4lb bench simulate} does thousands. */
class ClusterSimulationTest {
    private static final int SEEDS = 5;
    private static final int STEPS = 400;

    private static Outcome run(long seed, boolean replication) {
        try (Simulation simulation = new Simulation(seed, new Scale(0, 20, 500, STEPS, replication))) {
            return simulation.run();
        }
    }

    private static long sum(Count count, boolean replication) {
        long sum = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            sum += run(seed, replication).counts()[count.ordinal()];
        }
        return sum;
    }

    @Test
    void sameSeedIsTheSameRun() {
        assertThat(run(7, true).counts()).isEqualTo(run(7, true).counts());
    }

    @Test
    void replicationKeepsConnectionsThatTheSameEventsBreakWithoutIt() {
        assertThat(sum(Count.BROKEN, true)).isLessThan(sum(Count.BROKEN, false) / 10);
    }
}
