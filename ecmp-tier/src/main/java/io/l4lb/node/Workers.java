package io.l4lb.node;

import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.IdleMode;
import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.TrafficCounters;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.eal.WorkerThread;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.pin.FlowTimeouts;
import io.l4lb.pin.Pin;
import io.l4lb.worker.Worker;
import io.l4lb.worker.WorkerLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** The node's worker threads. Control thread. */
final class Workers implements AutoCloseable {
    /** Empty passes before the first sleep: a burst that is on its way is not slept through. */
    private static final int BACKOFF_SPINS = 200;

    private static final int BACKOFF_YIELDS = 0;
    /** 50 us to 1 ms: an idle worker wakes 1,000 times a second, some 5 % of a core with net_af_xdp. */
    private static final long BACKOFF_MIN_NS = 50_000;

    private static final long BACKOFF_MAX_NS = 1_000_000;
    private static final int SWAP_SECONDS_MAX = 10;

    private final List<Worker> workers = new ArrayList<>();
    private final List<WorkerLoop> loops = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final WorkerErrors errors = new WorkerErrors();

    /** Makes the workers, their flow tables touched; they poll from {@link #start} on. */
    Workers(L4lbConfig config, Devices devices, ForwardingTable table) {
        DataplaneConfig dataplane = config.dataplane();
        boolean ipv6 = config.vips().stream().anyMatch(vip -> vip.address().ipv6());
        boolean ipv4 = config.vips().stream().anyMatch(vip -> !vip.address().ipv6());
        FlowTimeouts timeouts = new FlowTimeouts(
                dataplane.flowTable().tcpIdleSeconds(), dataplane.flowTable().udpIdleSeconds());
        for (int i = 0; i < dataplane.workers(); i++) {
            Pin pin = new Pin(dataplane.flowTable().flows(), ipv4, ipv6, timeouts);
            Worker worker = new Worker(devices.queues(i), devices.anyPool(), dataplane.mtuBytes(), pin, table);
            workers.add(worker);
            loops.add(new WorkerLoop(worker, idleStrategy(dataplane.idle()), errors));
        }
    }

    private static IdleStrategy idleStrategy(IdleMode idle) {
        return switch (idle) {
            case SPIN -> new BusySpinIdleStrategy();
            case BACKOFF -> new BackoffIdleStrategy(BACKOFF_SPINS, BACKOFF_YIELDS, BACKOFF_MIN_NS, BACKOFF_MAX_NS);
        };
    }

    /** Starts the threads, bound to the lcores if there are any; returns when all of them poll. */
    void start(List<Integer> lcores) {
        for (int i = 0; i < loops.size(); i++) {
            OptionalInt lcore = lcores.isEmpty() ? OptionalInt.empty() : OptionalInt.of(lcores.get(i));
            CompletableFuture<Void> entered = new CompletableFuture<>();
            WorkerLoop loop = loops.get(i);
            threads.add(Thread.ofPlatform().name("worker-" + i).start(() -> run(loop, lcore, entered)));
            try {
                entered.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }
    }

    private static void run(WorkerLoop loop, OptionalInt lcore, CompletableFuture<Void> entered) {
        try (WorkerThread _ = WorkerThread.enter(lcore)) {
            entered.complete(null);
            loop.run();
        } catch (RuntimeException e) {
            entered.completeExceptionally(e);
        }
    }

    /** Has all workers forward by another table; returns when the old one is out of use. */
    void swap(ForwardingTable table) {
        List<CountDownLatch> done = loops.stream().map(loop -> loop.swap(table)).toList();
        try {
            for (CountDownLatch latch : done) {
                if (!latch.await(SWAP_SECONDS_MAX, TimeUnit.SECONDS)) {
                    throw new NodeException("a worker has stood still for " + SWAP_SECONDS_MAX + " s");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NodeException("interrupted while the workers took a new table", e);
        }
    }

    List<WorkerCounters> counters() {
        return workers.stream().map(Worker::counters).toList();
    }

    List<TrafficCounters> traffic() {
        return workers.stream().map(Worker::traffic).toList();
    }

    void reportErrors() {
        errors.report();
    }

    /** Ends the threads; counters can still be read until {@link #close}. */
    void stop() {
        loops.forEach(WorkerLoop::stop);
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true; // the devices must not be closed under a polling worker
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Frees tables and counters. */
    @Override
    public void close() {
        stop();
        workers.forEach(Worker::close);
    }
}
