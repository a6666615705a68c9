package io.l4lb.fragment;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.testing.Allocation;
import io.l4lb.testing.Seed;
import io.l4lb.testing.TestConfig;
import io.l4lb.worker.PipelineRig;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A million fragments through a worker: in order and out of it, held, released, too late, too many, overlapping. */
class FragmentAllocationTest {
    private static final int PACKETS = 1_000_000;
    private static final int WARM_UP_PACKETS = 1_500_000;
    private static final int BURST = 32;
    private static final long BURST_NS = 1_000_000;
    private static final String[] VIPS = {"198.51.100.1", "2001:db8:f::1"};

    private final PipelineRig rig =
            new PipelineRig(TestConfig.ofEveryKind().fragments(256, 100, 5).build());
    private final SplittableRandom random = new SplittableRandom(Seed.of(FragmentAllocationTest.class));
    private final byte[][] frames = frames();
    private long nowNs;

    private static byte[][] frames() {
        List<byte[]> frames = new ArrayList<>();
        for (int id = 0; id < 400; id++) {
            int family = id % 2;
            String client = family == 0 ? "10." + id % 200 + ".3.7" : "2001:db8:" + id + "::7";
            Datagram datagram = Datagram.udp(client, 1000, VIPS[family], 700, id);
            frames.addAll(datagram.cut(200));
            if (id % 5 == 0) {
                frames.add(datagram.part(96, 296));
            }
        }
        return frames.toArray(byte[][]::new);
    }

    @Test
    void aMillionFragmentsAllocateNothing() {
        try (rig) {
            long allocatedBytes = Allocation.bytes(WARM_UP_PACKETS, PACKETS, this::work);
            for (WorkerCounter counter :
                    List.of(WorkerCounter.FRAGMENTS, WorkerCounter.FRAGMENTS_HELD, WorkerCounter.FRAGMENTS_RELEASED)) {
                assertThat(rig.counter(counter)).as(counter.label()).isPositive();
            }
            for (DropReason reason : List.of(
                    DropReason.FRAGMENT_DUPLICATE,
                    DropReason.FRAGMENT_OVERLAP,
                    DropReason.FRAGMENT_REFUSED,
                    DropReason.FRAGMENT_HOLD_FULL,
                    DropReason.FRAGMENT_TIMEOUT)) {
                assertThat(rig.drops(reason)).as(reason.label()).isPositive();
            }
            assertThat(allocatedBytes).isZero();
            rig.worker().dropHeld();
            assertThat(rig.heldMbufs()).isZero();
        }
    }

    private void work(int packets) {
        for (int from = 0; from < packets; from += BURST) {
            for (int i = 0; i < BURST; i++) {
                rig.receive(frames[random.nextInt(frames.length)]);
            }
            rig.worker().doWork(nowNs);
            rig.worker().doWork(nowNs); // an empty pass
            nowNs += BURST_NS;
            rig.takeBackAll();
        }
    }
}
