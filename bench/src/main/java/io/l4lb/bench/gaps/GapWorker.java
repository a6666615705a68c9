package io.l4lb.bench.gaps;

import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.FlowTableConfig;
import io.l4lb.dpdk.MbufRelease;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;
import io.l4lb.dpdk.eal.ThreadSwitches;
import io.l4lb.dpdk.eal.WorkerThread;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.pin.Pin;
import io.l4lb.worker.Worker;
import io.l4lb.worker.WorkerEthPort;
import io.l4lb.worker.WorkerLoop;
import io.l4lb.worker.WorkerTerms;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.agrona.concurrent.BusySpinIdleStrategy;

/** The product's worker on its bound and registered thread, polling through a {@link GapRxQueue}. Control thread. */
final class GapWorker implements AutoCloseable {
    /** More than the capture's, so that nothing is evicted. */
    static final int FLOWS = 131_072;

    private final ExecutorService thread;
    private final ThreadSwitches switches = new ThreadSwitches();
    private final GapRxQueue rxQueue;
    private final Worker worker;
    private final WorkerThread registration;
    private final long threadId;
    private WorkerLoop loop;
    private CompletableFuture<Void> running;

    GapWorker(LoadShape shape, RxQueue rxQueue, TxQueue txQueue, MbufRelease release, ForwardingTable table) {
        this.rxQueue = new GapRxQueue(rxQueue, switches);
        Pin pin = new Pin(
                FLOWS,
                true,
                false,
                new FlowTimeouts(FlowTableConfig.DEFAULT_TCP_IDLE_SECONDS, FlowTableConfig.DEFAULT_UDP_IDLE_SECONDS));
        worker = new Worker(
                List.of(new WorkerEthPort(this.rxQueue, txQueue, null)),
                release,
                WorkerTerms.ofMtu(DataplaneConfig.DEFAULT_MTU_BYTES),
                pin,
                table);
        thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("worker-" + shape.cpu()).factory());
        registration = CompletableFuture.supplyAsync(() -> WorkerThread.enter(OptionalInt.of(shape.cpu())), thread)
                .join();
        threadId = CompletableFuture.supplyAsync(() -> Thread.currentThread().threadId(), thread)
                .join();
    }

    void start() {
        loop = new WorkerLoop(worker, new BusySpinIdleStrategy(), Throwable::printStackTrace);
        running = CompletableFuture.runAsync(loop, thread);
    }

    /** {@return the loop of the last start} */
    WorkerLoop loop() {
        return loop;
    }

    Worker worker() {
        return worker;
    }

    long threadId() {
        return threadId;
    }

    /** Gaps go there from the next pass on; null: nowhere. */
    void recordInto(GapHistograms histograms) {
        rxQueue.recordInto(histograms);
    }

    /** Ends the loop and waits for it. */
    void stop() {
        loop.stop();
        running.join();
    }

    @Override
    public void close() {
        CompletableFuture.runAsync(registration::close, thread).join();
        thread.close();
        worker.close();
        switches.close();
    }
}
