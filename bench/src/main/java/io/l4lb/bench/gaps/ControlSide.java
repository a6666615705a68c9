package io.l4lb.bench.gaps;

import io.l4lb.bench.shape.BenchSite;
import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.CounterSnapshots;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.worker.Worker;
import io.l4lb.worker.WorkerLoop;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a node's control thread does, without pause: builds the table of a new configuration, has the worker take it, frees
 * the old one, and reads all counters. One thread at a time.
 */
final class ControlSide implements AutoCloseable {
    private static final int SWAP_SECONDS_MAX = 10;

    private final LoadShape shape;
    private final int flows;
    private final ForwardingNumbers numbers = new ForwardingNumbers();
    private ForwardingTable table;
    private volatile boolean running;
    private final AtomicInteger reloads = new AtomicInteger();
    private final AtomicInteger counterReads = new AtomicInteger();
    private int generation;

    ControlSide(LoadShape shape, int flows) {
        this.shape = shape;
        this.flows = flows;
        table = build(config());
    }

    private L4lbConfig config() {
        return StallSite.config(shape, flows, generation++);
    }

    private ForwardingTable build(L4lbConfig config) {
        return new ForwardingTableBuilder(
                        config, numbers, List.of(BenchSite.ETH_PORT_MAC), address -> Optional.of(BenchSite.NEXT_HOP))
                .build();
    }

    /** {@return what the worker forwards by until the first reload} */
    ForwardingTable table() {
        return table;
    }

    /** Reloads and reads until {@link #stop}; the loop must run for as long. */
    void run(Worker worker, WorkerLoop loop) {
        running = true;
        while (running) {
            L4lbConfig config = config();
            ForwardingTable old = table;
            table = build(config);
            try {
                if (!loop.swap(table).awaitTaken(SWAP_SECONDS_MAX, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("the worker stands still");
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException("interrupted while a worker takes a table", e);
            }
            old.close();
            reloads.incrementAndGet();
            CounterSnapshot read =
                    CounterSnapshots.live(config, numbers, List.of(worker.counters()), List.of(worker.traffic()));
            counterReads.addAndGet(read.workers().size());
        }
    }

    int reloads() {
        return reloads.get();
    }

    int counterReads() {
        return counterReads.get();
    }

    /** Any thread. Ends {@link #run} after the reload that it is in. */
    void stop() {
        running = false;
    }

    /** Frees the table; no worker may use it any more. */
    @Override
    public void close() {
        table.close();
    }
}
