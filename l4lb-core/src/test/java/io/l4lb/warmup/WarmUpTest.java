package io.l4lb.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.dpdk.eal.WorkerThread;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.testing.SharedEal;
import io.l4lb.worker.Worker;
import io.l4lb.worker.WorkerLoop;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.junit.jupiter.api.Test;

/** Over a real device in memory. That C2 gets done is for the node's own test: here nothing depends on how fast it is. */
class WarmUpTest {
    private static final int ROUNDS = 200;
    /** Odd flows live for a second: on a machine that is very busy their table fills by chance. */
    private static final int ROUNDS_MAX = 4000;

    @Test
    void deadlineEndsWarmUpAndNothingIsLeftBehind() {
        L4lbConfig config = new SyntheticSite().config();

        for (int i = 0; i < 2; i++) { // a second one finds nothing of the first in its way
            WarmUpResult result =
                    new WarmUp(SharedEal.get(), config, BusySpinIdleStrategy::new).run(Duration.ofNanos(1));

            assertThat(result.compiled()).isFalse();
            assertThat(result.packets()).isPositive();
            assertThat(result.leakedMbufs()).isZero();
        }
    }

    @Test
    void packetsTakeEveryWayThatTheyCanTake() {
        SyntheticSite site = new SyntheticSite();
        SyntheticTraffic traffic = new SyntheticTraffic(site, TrafficKind.all(), true);
        Eal eal = SharedEal.get();
        try (WorkerThread _ = WorkerThread.enter(OptionalInt.empty());
                LoopDevice device = LoopDevice.open(eal, SyntheticTraffic.FRAME_BYTES_MAX)) {
            ForwardingTable table = site.table(true);
            ForwardingTable fewer = site.table(false);
            Worker steady = SyntheticWorkers.steady(device, table, false);
            Worker odd = SyntheticWorkers.odd(device, table, false);
            Rounds rounds = new Rounds(device, traffic, loop(steady), loop(odd), List.of(fewer, table));
            for (int i = 0; i < ROUNDS || (i < ROUNDS_MAX && isWithoutEvictions(odd)); i++) {
                rounds.run();
            }
            rounds.end();
            Stream.of(steady, odd).forEach(Worker::dropHeld);

            assertThat(device.missing()).isZero();
            assertThat(steady.counters().get(WorkerCounter.FLOW_HITS)
                            + steady.counters().get(WorkerCounter.FLOW_MISSES)
                            + steady.counters().drops(DropReason.NEXT_HOP_UNRESOLVED))
                    .isGreaterThanOrEqualTo(steady.counters().get(WorkerCounter.RX_PACKETS));
            assertThat(Stream.of(
                            WorkerCounter.TX_PACKETS,
                            WorkerCounter.ECHO_REPLIES,
                            WorkerCounter.ICMP_ERRORS,
                            WorkerCounter.TOO_BIG_REPLIES,
                            WorkerCounter.OUTER_FRAGMENTS,
                            WorkerCounter.FRAGMENTS,
                            WorkerCounter.FRAGMENTS_RELEASED,
                            WorkerCounter.QUIC_ROUTED,
                            WorkerCounter.QUIC_LONG_UNROUTABLE,
                            WorkerCounter.QUIC_UNKNOWN_CONFIGURATIONS,
                            WorkerCounter.FLOW_HITS,
                            WorkerCounter.FLOW_MISSES,
                            WorkerCounter.FLOW_EVICTIONS,
                            WorkerCounter.FLOW_REPINS))
                    .allSatisfy(counter -> assertThat(odd.counters().get(counter))
                            .as(counter.name())
                            .isPositive());
            assertThat(odd.counters().get(WorkerCounter.ERRORS)).isZero();
            assertThat(Stream.of(
                            DropReason.PUNT_UNAVAILABLE,
                            DropReason.TX_FULL,
                            DropReason.ICMP_QUOTE,
                            DropReason.FRAGMENT_PROTOCOL,
                            DropReason.FRAGMENT_DUPLICATE,
                            DropReason.FRAGMENT_OVERLAP,
                            DropReason.FRAGMENT_TIMEOUT,
                            DropReason.NEXT_HOP_UNRESOLVED,
                            DropReason.TCP_TRUNCATED,
                            DropReason.UDP_LENGTH))
                    .allSatisfy(reason -> assertThat(odd.counters().drops(reason))
                            .as(reason.name())
                            .isPositive());
            Stream.of(steady, odd).forEach(Worker::close);
            Stream.of(table, fewer).forEach(ForwardingTable::close);
        }
    }

    @Test
    void kindsAreThoseOfTheConfiguration() {
        assertThat(TrafficKind.of(new SyntheticSite().config())).containsExactlyInAnyOrderElementsOf(TrafficKind.all());
    }

    private static boolean isWithoutEvictions(Worker worker) {
        return worker.counters().get(WorkerCounter.FLOW_EVICTIONS) == 0;
    }

    private static WorkerLoop loop(Worker worker) {
        return new WorkerLoop(worker, new BusySpinIdleStrategy(), error -> {
            throw new AssertionError(error);
        });
    }
}
