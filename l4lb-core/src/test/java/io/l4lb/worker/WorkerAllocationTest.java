package io.l4lb.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.testing.MemorySink;
import io.l4lb.testing.Seed;
import io.l4lb.testing.TestConfig;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * A million packets of every kind through a worker, on a thread of its own: both families, every encapsulation, hits,
 * misses, evictions, expirations, echo replies, punts, drops, a full TX queue.
 */
class WorkerAllocationTest {
    private static final int BURST = 32;
    private static final int PACKETS = 1_000_000;
    private static final int WARM_UP_PACKETS = 1_500_000;
    private static final int FRAME_BYTES_MAX = 2048;
    private static final long BURST_NS = 100_000;

    private final PipelineRig rig = new PipelineRig(TestConfig.ofEveryKind()
            .flows(16)
            .idleSeconds(2, 1)
            .fragments(256, 0, 300) // mbufs are used again with every burst: none is held
            .build());
    private final SplittableRandom random = new SplittableRandom(Seed.of(WorkerAllocationTest.class));
    private final FrameMutator mutator = new FrameMutator(FrameCorpus.all(), random);
    private final byte[] frame = new byte[FRAME_BYTES_MAX];
    private long nowNs;

    @Test
    void aMillionPacketsOfEveryKindAllocateNothing() {
        try (rig) {
            long allocatedBytes = CompletableFuture.supplyAsync(
                            this::measure,
                            task -> Thread.ofPlatform().name("worker").start(task))
                    .join();
            for (WorkerCounter counter : List.of(
                    WorkerCounter.FLOW_HITS,
                    WorkerCounter.FLOW_MISSES,
                    WorkerCounter.FLOW_EVICTIONS,
                    WorkerCounter.FLOW_EXPIRATIONS,
                    WorkerCounter.FLOW_UNPINNED,
                    WorkerCounter.ECHO_REPLIES,
                    WorkerCounter.OUTER_FRAGMENTS,
                    WorkerCounter.PUNTED_PACKETS)) {
                assertThat(rig.counter(counter)).as(counter.label()).isPositive();
            }
            assertThat(rig.drops(DropReason.TX_FULL)).isPositive();
            assertThat(rig.drops(DropReason.MULTI_SEGMENT)).isPositive();
            assertThat(rig.drops(DropReason.NO_HEADROOM)).isPositive();
            assertThat(rig.drops(DropReason.NO_MBUF)).isPositive();
            assertThat(allocatedBytes).isZero();
        }
    }

    private long measure() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        work(WARM_UP_PACKETS);
        long before = threads.getCurrentThreadAllocatedBytes();
        work(PACKETS);
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private void work(int packets) {
        PipelineRig.EthPortRig ethPort = rig.ethPorts.getFirst();
        MemorySink txQueue = ethPort.txQueue;
        for (int from = 0; from < packets; from += BURST) {
            for (int i = 0; i < BURST; i++) {
                int length = mutator.next(frame);
                rig.mbufs.setFrame(i, frame, length, i == 3 ? 20 : 128);
                if (i == 5) {
                    rig.mbufs.setSegments(i, 2, length);
                }
                ethPort.rxQueue.add(rig.mbufs.address(i));
            }
            txQueue.room((from & 1023) == 0 ? 3 : Integer.MAX_VALUE);
            rig.mbufs.room((from & 2047) == 0 ? 0 : Integer.MAX_VALUE);
            rig.worker().doWork(nowNs);
            rig.worker().doWork(nowNs); // an empty pass
            nowNs += BURST_NS;
            txQueue.clear();
            ethPort.puntQueue.clear();
            rig.released.clear();
        }
    }
}
