package io.l4lb.bench.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.bench.simulation.Simulation.Outcome;
import io.l4lb.bench.simulation.Simulation.Scale;
import io.l4lb.bench.simulation.Truth.Count;
import io.l4lb.bench.simulation.Truth.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Some clusters under random events, for the build; {@code ./l4lb bench simulate} does thousands. */
class ClusterSimulationTest {
    private static final int SEEDS = 40;
    private static final int SEEDS_WITHOUT = 5;

    private static Outcome run(long seed, boolean replication) {
        try (Simulation simulation = new Simulation(seed, new Scale(0, 20, 150, 600, replication))) {
            return simulation.run();
        }
    }

    @Test
    void sameSeedIsTheSameRun() {
        assertThat(run(7, true).counts()).isEqualTo(run(7, true).counts());
    }

    @Test
    void noConnectionBreaksWhereItsClaimIsKnown() {
        List<Violation> violations = new ArrayList<>();
        long kept = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Outcome outcome = run(seed, true);
            outcome.violation().ifPresent(violations::add);
            kept += outcome.counts()[Count.CONNECTIONS.ordinal()];
        }
        assertThat(violations).as("./l4lb bench simulate --seed S --trace FLOW").isEmpty();
        assertThat(kept).isPositive();
    }

    /** A node that dies takes with it what it had begun within its lag; a bound that is too tight would be noticed. */
    @Test
    void withoutTheLagThatNodesHaveWhatIsLostWithThemIsTooMuch() {
        List<Violation> violations = new ArrayList<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            try (Simulation simulation =
                    new Simulation(seed, new Scale(0, 20, 150, 600, true), OptionalInt.empty(), 0)) {
                simulation.run().violation().ifPresent(violations::add);
            }
        }
        assertThat(violations)
                .hasSizeGreaterThan(1)
                .allSatisfy(violation -> assertThat(violation.words()).contains("was lost with"));
    }

    /** Or else the simulation would prove nothing. */
    @Test
    void withoutReplicationTheSameEventsBreakMore() {
        long with = 0;
        long without = 0;
        for (long seed = 1; seed <= SEEDS_WITHOUT; seed++) {
            with += run(seed, true).counts()[Count.BROKEN.ordinal()];
            without += run(seed, false).counts()[Count.BROKEN.ordinal()];
        }
        assertThat(without).isGreaterThan(10 * Math.max(1, with));
    }
}
