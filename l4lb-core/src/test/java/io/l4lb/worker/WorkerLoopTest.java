package io.l4lb.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.net.MacAddress;
import io.l4lb.pin.Pin;
import io.l4lb.testing.MemorySink;
import io.l4lb.testing.TestConfig;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.YieldingIdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The thread around a worker: commands between bursts, errors that do not end it, an end when told. */
@Timeout(30)
class WorkerLoopTest {
    private final L4lbConfig config = TestConfig.ofEveryKind().build();
    private final ForwardingNumbers numbers = new ForwardingNumbers();
    private final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
    private final MemorySink sink = new MemorySink(1);
    private final ForwardingTable table = build();

    @AfterEach
    void free() {
        table.close();
    }

    private ForwardingTable build() {
        return new ForwardingTableBuilder(
                        config,
                        numbers,
                        List.of(new MacAddress(0x0200_0000_aa00L)),
                        _ -> Optional.of(TestConfig.NEXT_HOP))
                .build();
    }

    private Worker worker(RxQueue rxQueue) {
        Pin pin = new Pin(16, false, false, new FlowTimeouts(900, 60));
        return new Worker(List.of(new WorkerEthPort(rxQueue, sink, sink)), sink, WorkerTerms.ofMtu(1500), pin, table);
    }

    @Test
    void aSwapIsCarriedOutBetweenTwoBurstsAndTheLoopEndsWhenTold() throws InterruptedException {
        Worker worker = worker((_, _) -> 0);
        WorkerLoop loop = new WorkerLoop(worker, YieldingIdleStrategy.INSTANCE, errors::add);
        Thread thread = Thread.ofPlatform().start(loop);
        ForwardingTable next = build();
        assertThat(loop.swap(next).awaitTaken(20, TimeUnit.SECONDS)).isTrue();
        assertThat(loop.swap(table).awaitTaken(20, TimeUnit.SECONDS)).isTrue();
        next.close(); // out of use, or the process crashes
        loop.stop();
        thread.join();
        assertThat(errors).isEmpty();
        worker.close();
    }

    @Test
    void anErrorIsCountedAndToldAndTheNextPassIsDone() throws InterruptedException {
        CountDownLatch passes = new CountDownLatch(5);
        Worker worker = worker((_, _) -> {
            passes.countDown();
            if (passes.getCount() % 2 == 0) {
                throw new IllegalStateException("device gone");
            }
            return 0;
        });
        WorkerLoop loop = new WorkerLoop(worker, YieldingIdleStrategy.INSTANCE, errors::add);
        Thread thread = Thread.ofPlatform().start(loop);
        assertThat(passes.await(20, TimeUnit.SECONDS)).isTrue();
        loop.stop();
        thread.join();
        assertThat(errors).isNotEmpty().allSatisfy(error -> assertThat(error).hasMessage("device gone"));
        assertThat(worker.counters().get(WorkerCounter.ERRORS)).isEqualTo(errors.size());
        worker.close();
    }

    @Test
    void everyPassIsSeenByWhoWatchesAlsoOneThatFails() throws InterruptedException {
        CountDownLatch passes = new CountDownLatch(5);
        Worker worker = worker((_, _) -> {
            passes.countDown();
            throw new IllegalStateException("device gone");
        });
        try (NativeMemory progress = NativeMemory.allocate(Long.BYTES, true)) {
            WorkerLoop loop = new WorkerLoop(worker, YieldingIdleStrategy.INSTANCE, errors::add, progress.address());
            Thread thread = Thread.ofPlatform().start(loop);
            assertThat(passes.await(20, TimeUnit.SECONDS)).isTrue();
            loop.stop();
            thread.join();
            assertThat(Memory.getLongOpaque(progress.address())).isGreaterThanOrEqualTo(5);
        }
        worker.close();
    }

    @Test
    void questionsToAWorkerThatStandsStillLeaveRoomForTables() {
        Worker worker = worker((_, _) -> 0);
        WorkerLoop loop = new WorkerLoop(worker, YieldingIdleStrategy.INSTANCE, errors::add);
        WorkerCommand question = new WorkerCommand.FlowCountCommand(new FlowCount(0));
        for (int i = 0; i < 8; i++) {
            loop.send(question);
        }
        assertThatThrownBy(() -> loop.send(question))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("last 8 commands");
        for (int i = 0; i < 8; i++) {
            assertThat(loop.hasRoom()).isTrue();
            loop.swap(table);
        }
        assertThat(loop.hasRoom()).isFalse();
        worker.close();
    }

    @Test
    void moreCommandsThanAWorkerThatStandsStillTakesAreRefused() {
        Worker worker = worker((_, _) -> 0);
        WorkerLoop loop = new WorkerLoop(worker, YieldingIdleStrategy.INSTANCE, errors::add);
        for (int i = 0; i < 16; i++) {
            loop.swap(table);
        }
        assertThatThrownBy(() -> loop.swap(table)).isInstanceOf(IllegalStateException.class);
        worker.close();
    }
}
