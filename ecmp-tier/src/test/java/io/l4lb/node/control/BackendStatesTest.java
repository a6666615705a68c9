package io.l4lb.node.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.FlowTableConfig;
import io.l4lb.config.HealthCheckConfig;
import io.l4lb.config.IdleMode;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.NodeConfig;
import io.l4lb.config.OuterSourceConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.forwarding.BackendUse;
import io.l4lb.net.BackendState;
import io.l4lb.net.IpAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What operator, health checks and slow start make of a backend, by a clock moved by hand. */
class BackendStatesTest {
    private static final BackendKey WEB1 = new BackendKey("web", "web1");
    private static final BackendKey WEB2 = new BackendKey("web", "web2");
    private static final int SLOW_START_SECONDS = 20;

    private long nowNs = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(5); // it may wrap round
    private int changes;
    private L4lbConfig config = config(2, 0);
    private final BackendStates states = states(OperatorSettings.NONE);

    private BackendStates states(OperatorSettings settings) {
        BackendStates made = new BackendStates(config, settings, () -> nowNs);
        made.onChange(() -> changes++);
        return made;
    }

    /** Backends web1, web2 … of weight 1. */
    private static L4lbConfig config(int backends, int slowStartSeconds) {
        List<BackendConfig> all = IntStream.rangeClosed(1, backends)
                .mapToObj(i -> new BackendConfig("web" + i, IpAddress.ipv4(0x0a000000 + i), 1, Optional.empty()))
                .toList();
        return config(new PoolConfig("web", 1009, all, Optional.of(check()), slowStartSeconds));
    }

    private static HealthCheckConfig check() {
        return new HealthCheckConfig(
                HealthCheckConfig.Type.TCP,
                HealthCheckConfig.Via.ADDRESS,
                80,
                Optional.empty(),
                HealthCheckConfig.Request.DEFAULT,
                HealthCheckConfig.Pace.DEFAULT);
    }

    private static L4lbConfig config(PoolConfig pool) {
        return new L4lbConfig(
                new NodeConfig("lb1", Path.of("/nonexistent"), false),
                new DataplaneConfig(
                        List.of(),
                        List.of(),
                        1,
                        List.of(),
                        IdleMode.BACKOFF,
                        OuterSourceConfig.NONE,
                        Optional.empty(),
                        1500,
                        FlowTableConfig.DEFAULT,
                        DataplaneConfig.DEFAULT_PUNT_PACKETS_PER_SECOND),
                List.of(pool),
                List.of());
    }

    private void adopt(L4lbConfig next) {
        states.adopt(next);
        config = next;
    }

    private List<Integer> weights() {
        PoolConfig pool = config.pools().getFirst();
        BackendUse use = states.use(config);
        return pool.backends().stream()
                .map(backend -> use.state(pool, backend) == BackendState.UP ? use.weight(pool, backend) : -1)
                .toList();
    }

    private void down(String backend) {
        states.healthChanged("web", backend, BackendState.DOWN, "refused");
    }

    private void up(String backend) {
        states.healthChanged("web", backend, BackendState.UP, "answers");
    }

    @Test
    void allAreUpWithTheirWeightsUntilSomebodySaysOtherwise() {
        assertThat(weights()).containsExactly(1, 1);
        assertThat(states.nextStepNs()).isEmpty();
    }

    @Test
    void onlyAChangeOfHealthCallsForATable() {
        down("web1");
        down("web1");
        assertThat(weights()).containsExactly(-1, 1);
        up("web1");
        states.healthChanged("web", "unheard-of", BackendState.DOWN, "");
        states.healthChanged("unheard-of", "web1", BackendState.DOWN, "");

        assertThat(weights()).containsExactly(1, 1);
        assertThat(changes).isEqualTo(2);
        assertThat(states.all().getFirst().reason()).isEqualTo("answers");
    }

    @Test
    void drainAndWeightOfTheOperatorGoBeforeTheConfiguration() {
        states.operate(OperatorSettings.NONE.withWeight(WEB1, OptionalInt.of(7)).withDrained(WEB2, true));
        assertThat(weights()).containsExactly(7, 0);

        states.operate(states.settings().withWeight(WEB1, OptionalInt.empty()).withDrained(WEB2, false));
        assertThat(weights()).containsExactly(1, 1);
        assertThat(states.settings()).isEqualTo(OperatorSettings.NONE);
    }

    @Test
    void backendThatComesUpIsGivenItsWeightInTenSteps() {
        adopt(config(2, SLOW_START_SECONDS));
        down("web1");
        up("web1");

        List<Integer> seen = new ArrayList<>();
        while (states.nextStepNs().isPresent()) {
            assertThat(weights().get(1)).isEqualTo(10);
            seen.add(weights().get(0));
            nowNs = states.nextStepNs().getAsLong();
        }
        assertThat(seen).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(weights()).containsExactly(1, 1);
    }

    @Test
    void aBackendThatIsAddedGetsNoFlowBeforeItsCheckHasFoundItUpAndThenStartsSlowly() {
        adopt(config(2, SLOW_START_SECONDS));
        assertThat(weights()).containsExactly(1, 1);

        L4lbConfig next = config(3, SLOW_START_SECONDS);
        PoolConfig pool = next.pools().getFirst();
        assertThat(states.use(next).state(pool, pool.backends().getLast()))
                .as("in the first table of the reload already; peers may have pinned flows to it")
                .isEqualTo(BackendState.DOUBTED);
        adopt(next);
        assertThat(weights()).containsExactly(1, 1, -1);
        assertThat(states.all().getLast().reason()).isEqualTo("not checked yet");

        up("web3");
        assertThat(weights()).containsExactly(10, 10, 1);
    }

    @Test
    void aBackendThatIsAddedToAPoolWithoutAHealthCheckStartsSlowlyAtOnce() {
        adopt(unchecked(2));
        adopt(unchecked(3));
        assertThat(weights()).containsExactly(10, 10, 1);
    }

    @Test
    void aPoolThatIsGivenAHealthCheckKeepsItsBackendsUp() {
        adopt(unchecked(2));
        adopt(config(2, 0));
        assertThat(weights()).containsExactly(1, 1);
    }

    private static L4lbConfig unchecked(int backends) {
        PoolConfig pool = config(backends, 0).pools().getFirst();
        return config(new PoolConfig("web", 1009, pool.backends(), Optional.empty(), SLOW_START_SECONDS));
    }

    @Test
    void backendThatIsNoLongerDrainedStartsSlowly() {
        adopt(config(2, SLOW_START_SECONDS));
        states.operate(OperatorSettings.NONE.withDrained(WEB1, true));
        assertThat(weights()).containsExactly(0, 1);
        states.operate(OperatorSettings.NONE);
        assertThat(weights()).containsExactly(1, 10);
    }

    @Test
    void largestWeightsLeaveNoRoomToScaleAndStillStartSlowly() {
        assertThat(SlowStart.scale(BackendConfig.MAX_WEIGHT)).isEqualTo(1);
        assertThat(SlowStart.weight(BackendConfig.MAX_WEIGHT, 1, 1)).isEqualTo(6553);
        assertThat(SlowStart.weight(1, SlowStart.scale(30_000), 1)).isEqualTo(1);
        assertThat(SlowStart.weight(0, 10, 1)).isZero();
    }

    @Test
    void whatWasSetForABackendThatIsGoneIsForgotten() {
        states.operate(OperatorSettings.NONE.withDrained(WEB2, true));
        down("web2");
        adopt(config(1, 0));
        assertThat(states.knows(WEB2)).isFalse();
        adopt(config(2, 0));
        up("web2");

        assertThat(weights()).containsExactly(1, 1);
        assertThat(states.settings()).isEqualTo(OperatorSettings.NONE);
    }

    @Test
    void aConfigurationThatIsTakenBackHasChangedNothing() {
        states.operate(OperatorSettings.NONE.withDrained(WEB2, true));
        down("web2");
        L4lbConfig before = config;
        Runnable back = states.adopt(config(1, 0));
        down("web1"); // meanwhile
        back.run();
        assertThat(states.all().stream().map(BackendStatus::state)).containsExactly("down", "down");
        assertThat(states.settings()).isEqualTo(OperatorSettings.NONE.withDrained(WEB2, true));

        states.adopt(config(3, 0)).run();
        assertThat(states.knows(new BackendKey("web", "web3"))).isFalse();
        assertThat(states.all()).hasSize(before.pools().getFirst().backends().size());
    }

    @Test
    void withoutAHealthCheckNobodyStaysDown() {
        down("web1");
        PoolConfig pool = config.pools().getFirst();
        adopt(config(new PoolConfig("web", 1009, pool.backends(), Optional.empty(), 0)));
        assertThat(weights()).containsExactly(1, 1);
    }

    @Test
    void aTableForTheNextConfigurationKnowsWhatIsKnownOfTheOldOne() {
        down("web1");
        L4lbConfig next = config(3, 0);
        BackendUse use = states.use(next);
        PoolConfig pool = next.pools().getFirst();
        assertThat(pool.backends().stream().map(backend -> use.state(pool, backend)))
                .containsExactly(BackendState.DOWN, BackendState.UP, BackendState.DOUBTED);
        assertThat(states.all()).hasSize(2);
    }

    @Test
    void doubtTakesNewFlowsAwayAndIsSaid() {
        states.healthChanged("web", "web1", BackendState.DOUBTED, "no answer in 500 ms");
        assertThat(weights()).containsExactly(-1, 1);
        assertThat(states.takingFlows()).containsEntry("web", 1);
        assertThat(states.all().getFirst().state()).isEqualTo("doubted");
        assertThat(states.all().getFirst().reason()).isEqualTo("no answer in 500 ms");
        up("web1");
        assertThat(weights()).containsExactly(1, 1);
    }

    @Test
    void stateIsOneWord() {
        down("web1");
        states.operate(OperatorSettings.NONE.withDrained(WEB2, true));
        assertThat(states.all().stream().map(BackendStatus::state)).containsExactly("down", "drained");
    }
}
