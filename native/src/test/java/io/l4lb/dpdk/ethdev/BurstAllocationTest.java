package io.l4lb.dpdk.ethdev;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.l4lb.dpdk.MbufPool;
import io.l4lb.dpdk.NativeMemory;
import io.l4lb.dpdk.Prefetch;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.dpdk.eal.WorkerThread;
import io.l4lb.dpdk.testing.SharedEal;
import java.lang.management.ManagementFactory;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BurstAllocationTest {
    private static final int BURST = 32;
    private static final int WARM_UP_BURSTS = 60_000;
    private static final int MEASURED_BURSTS = 40_000;

    @Test
    void receivingReleasingAndSendingAMillionPacketsAllocateNothing() {
        Eal eal = SharedEal.get();
        int number = SharedEal.unique();
        try (MbufPool pool = MbufPool.create("alloc" + number, 1023, 2176, MbufPool.ANY_SOCKET);
                EthDev dev = eal.attach("net_null" + number + ",size=64")) {
            dev.configure(EthDevConfig.forWorkers(1, 0, pool));
            dev.start();
            long allocatedBytes = CompletableFuture.supplyAsync(
                            () -> measure(dev, pool),
                            task -> Thread.ofPlatform().name("worker").start(task))
                    .join();
            assertThat(allocatedBytes).isZero();
            assertThat(pool.available()).isEqualTo(pool.count());
        }
    }

    private static long measure(EthDev dev, MbufPool pool) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (WorkerThread _ = WorkerThread.enter(OptionalInt.empty());
                NativeMemory burst = NativeMemory.allocate(BURST * 8, true)) {
            RxQueue rxQueue = dev.rxQueue(0);
            TxQueue txQueue = dev.txQueue(0);
            for (int i = 0; i < WARM_UP_BURSTS; i++) {
                forward(rxQueue, txQueue, pool, burst.address());
            }
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < MEASURED_BURSTS; i++) {
                forward(rxQueue, txQueue, pool, burst.address());
            }
            return threads.getCurrentThreadAllocatedBytes() - before;
        }
    }

    /** Sends one half of a burst and releases the other. */
    private static void forward(RxQueue rxQueue, TxQueue txQueue, MbufPool pool, long burst) {
        int count = rxQueue.receive(burst, BURST);
        Prefetch.lines(burst, count);
        int sent = txQueue.transmit(burst, count / 2);
        pool.release(burst + sent * 8L, count - sent);
    }
}
