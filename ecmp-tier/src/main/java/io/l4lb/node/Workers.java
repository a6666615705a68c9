package io.l4lb.node;

import io.l4lb.announce.WorkerProgress;
import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.IdleMode;
import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.TrafficCounters;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.eal.ServiceThreads;
import io.l4lb.dpdk.eal.WorkerThread;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.node.admin.FlowInspector;
import io.l4lb.node.device.Devices;
import io.l4lb.node.device.EthPortWatch;
import io.l4lb.pin.FlowTracker;
import io.l4lb.pin.Pin;
import io.l4lb.worker.TableSwap;
import io.l4lb.worker.Worker;
import io.l4lb.worker.WorkerCommand;
import io.l4lb.worker.WorkerCommand.EthPortCommand;
import io.l4lb.worker.WorkerEthPort;
import io.l4lb.worker.WorkerLoop;
import io.l4lb.worker.WorkerTerms;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The node's worker threads. Control thread, but for what says otherwise. */
final class Workers implements AutoCloseable, FlowInspector.CommandQueues, EthPortWatch.EthPortUsers {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
    /** Empty passes before the first sleep: a burst that is on its way is not slept through. */
    private static final int BACKOFF_SPINS = 200;

    private static final int BACKOFF_YIELDS = 0;
    /** 50 us to 1 ms: an idle worker wakes 1,000 times a second; NodeIT holds a node under a fifth of a core. */
    private static final long BACKOFF_MIN_NS = 50_000;

    private static final long BACKOFF_MAX_NS = 1_000_000;
    /** A pass that takes longer is one that stands still. */
    private static final long USE_LIMIT_MS = 500;

    private final List<Worker> workers = new ArrayList<>();
    private final List<Pin> pins = new ArrayList<>();
    private final List<WorkerLoop> loops = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private boolean stopping;
    private final WorkerErrors errors = new WorkerErrors();

    /**
     * Makes the workers, their flow tables touched; they poll from {@link #start} on.
     *
     * @param trackers what each worker's pin stage has of replication
     */
    Workers(
            L4lbConfig config,
            Devices devices,
            ForwardingTable table,
            WorkerProgress progress,
            IntFunction<Optional<FlowTracker>> trackers) {
        DataplaneConfig dataplane = config.dataplane();
        boolean ipv6 = config.vips().stream().anyMatch(vip -> vip.address().ipv6());
        boolean ipv4 = config.vips().stream().anyMatch(vip -> !vip.address().ipv6());
        FlowTimeouts timeouts = new FlowTimeouts(
                dataplane.flowTable().tcpIdleSeconds(), dataplane.flowTable().udpIdleSeconds());
        for (int i = 0; i < dataplane.workers(); i++) {
            WorkerTerms terms =
                    WorkerTerms.of(dataplane, ThreadLocalRandom.current().nextLong());
            Pin pin = new Pin(
                    dataplane.flowTable().flows(), ipv4, ipv6, timeouts, trackers.apply(i), terms.newFlowLimit());
            pins.add(pin);
            Worker worker = new Worker(devices.queues(i), devices.release(), terms, pin, table);
            workers.add(worker);
            loops.add(new WorkerLoop(worker, idleStrategy(dataplane.idle()), errors, progress.address(i)));
        }
    }

    static IdleStrategy idleStrategy(IdleMode idle) {
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
            // daemons: a control thread that died must not leave a node that nobody can stop
            threads.add(Thread.ofPlatform().daemon().name("worker-" + i).start(() -> run(loop, lcore, entered)));
            try {
                entered.join();
            } catch (CompletionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
        }
        if (ServiceThreads.keepOff(lcores) > 0) {
            LOG.info("the JVM's other threads keep off the workers' CPUs {}", lcores);
        }
    }

    private static void run(WorkerLoop loop, OptionalInt lcore, CompletableFuture<Void> entered) {
        try (WorkerThread _ = WorkerThread.enter(lcore)) {
            entered.complete(null);
            loop.run();
        } catch (Throwable e) { // the starter waits for one answer or the other
            entered.completeExceptionally(e);
        }
    }

    /**
     * Has all workers forward by another table; any thread. {@return one a worker; one that stands still takes it when it goes
     * on}
     *
     * @throws IllegalStateException when none has been given the table, because one has no room for it
     */
    synchronized List<TableSwap> swap(ForwardingTable table) {
        if (!loops.stream().allMatch(WorkerLoop::hasRoom)) {
            throw new IllegalStateException("a worker stands still and has no room for another table");
        }
        return loops.stream().map(loop -> loop.swap(table)).toList();
    }

    /** Has all workers poll other queues for an ethPort. {@return whether they do, and have let go of the last ones} Any thread. */
    @Override
    public boolean use(int ethPort, IntFunction<WorkerEthPort> queuesOfWorker) {
        List<CountDownLatch> done = new ArrayList<>();
        try {
            for (int worker = 0; worker < loops.size(); worker++) {
                CountDownLatch latch = new CountDownLatch(1);
                done.add(latch);
                send(worker, new EthPortCommand(ethPort, queuesOfWorker.apply(worker), latch));
            }
            for (CountDownLatch latch : done) {
                if (!latch.await(USE_LIMIT_MS, TimeUnit.MILLISECONDS)) {
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (IllegalStateException e) {
            LOG.debug("tried again", e);
            return false;
        }
    }

    @Override
    public int workers() {
        return loops.size();
    }

    /** Any thread. */
    @Override
    public synchronized void send(int worker, WorkerCommand command) {
        loops.get(worker).send(command);
    }

    /** Touches the flow tables of families that have VIPs only from this configuration on: no page faults later. */
    void populate(L4lbConfig config) {
        boolean ipv4 = config.vips().stream().anyMatch(vip -> !vip.address().ipv6());
        boolean ipv6 = config.vips().stream().anyMatch(vip -> vip.address().ipv6());
        pins.forEach(pin -> pin.populate(ipv4, ipv6));
    }

    List<WorkerCounters> counters() {
        return workers.stream().map(Worker::counters).toList();
    }

    List<TrafficCounters> traffic() {
        return workers.stream().map(Worker::traffic).toList();
    }

    /** Logs what the workers' loops caught, and that a worker's thread has ended, which it never should. */
    void report() {
        errors.report();
        for (Thread thread : threads) {
            if (!stopping && !thread.isAlive()) {
                LOG.error("{} has ended; its queue is no longer polled: restart the node", thread.getName());
            }
        }
    }

    /** Ends the threads; counters can still be read until {@link #close}. */
    void stop() {
        stopping = true;
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
