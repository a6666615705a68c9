package io.l4lb.bench.polling;

import io.l4lb.bench.shape.BenchSite;
import io.l4lb.bench.shape.Mode;
import io.l4lb.bench.shape.Replicated;
import io.l4lb.bench.shape.Shape;
import io.l4lb.bench.shape.Source;
import io.l4lb.bench.source.OtherFlowsRxQueue;
import io.l4lb.bench.source.ShortBurstRxQueue;
import io.l4lb.burst.Burst;
import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.MbufRelease;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.pin.Pin;
import io.l4lb.worker.Worker;
import io.l4lb.worker.WorkerEthPort;
import io.l4lb.worker.WorkerLoop;
import io.l4lb.worker.WorkerTerms;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.agrona.concurrent.BusySpinIdleStrategy;

/** The polling threads of a contender, one a worker: made once, run together, asleep in between. Control thread. */
final class Pollers implements AutoCloseable {
    private final Shape shape;
    private final L4lbConfig config;
    private final FlowTimeouts timeouts;
    private final ForwardingTable table;
    private final List<PollingThread> threads = new ArrayList<>();
    private final Optional<JournalSide> journal;
    private final List<Runnable> closers = new ArrayList<>();

    /** @param journalCpu for the journal thread, if flows are replicated */
    Pollers(Shape shape, OptionalInt journalCpu) {
        this.shape = shape;
        this.config = BenchSite.config(shape);
        this.timeouts = new FlowTimeouts(
                config.dataplane().flowTable().tcpIdleSeconds(),
                config.dataplane().flowTable().udpIdleSeconds());
        ForwardingNumbers numbers = new ForwardingNumbers();
        this.table = new ForwardingTableBuilder(
                        config, numbers, List.of(BenchSite.ETH_PORT_MAC), address -> Optional.of(BenchSite.NEXT_HOP))
                .build();
        this.journal = shape.replicated() == Replicated.OFF
                ? Optional.empty()
                : Optional.of(new JournalSide(shape, numbers.replicaNumbers(), timeouts, journalCpu));
    }

    /** Adds a worker on that CPU, with one queue each way. */
    void add(int cpu, RxQueue deviceQueue, TxQueue txQueue, MbufRelease release) {
        RxQueue rxQueue = asShaped(deviceQueue);
        switch (shape.mode()) {
            case LB, NEW, SHORT -> addWorker(cpu, rxQueue, txQueue, release);
            case MAGLEV -> {
                MaglevPass pass = new MaglevPass(rxQueue, txQueue, release, table);
                addPass(cpu, pass, () -> counts(pass.counters(), 0));
            }
            case RXFREE, FWD, MAC -> {
                FloorPass pass = new FloorPass(shape.mode(), rxQueue, txQueue, release);
                addPass(cpu, pass, pass::counts);
            }
        }
    }

    private RxQueue asShaped(RxQueue deviceQueue) {
        Source source = shape.source();
        RxQueue rxQueue =
                source.burst() < Burst.CAPACITY ? new ShortBurstRxQueue(deviceQueue, source.burst()) : deviceQueue;
        if (shape.mode() == Mode.NEW) {
            return OtherFlowsRxQueue.eachBurst(rxQueue, shape.ipv6());
        }
        return source.variants() > 1 ? OtherFlowsRxQueue.eachRound(rxQueue, shape.ipv6(), source) : rxQueue;
    }

    private void addPass(int cpu, Pass pass, Supplier<Counts> counts) {
        closers.add(pass::close);
        threads.add(new PollingThread(cpu, () -> stoppable(new PassLoop(pass)), counts));
    }

    private void addWorker(int cpu, RxQueue rxQueue, TxQueue txQueue, MbufRelease release) {
        Pin pin = new Pin(
                shape.configuredFlows(),
                !shape.ipv6(),
                shape.ipv6(),
                timeouts,
                journal.map(side -> side.tracker(threads.size())));
        Worker worker = new Worker(
                List.of(new WorkerEthPort(rxQueue, txQueue, null)),
                release,
                WorkerTerms.of(config.dataplane(), 0),
                pin,
                table);
        closers.add(worker::close);
        threads.add(
                new PollingThread(cpu, () -> stoppable(worker), () -> counts(worker.counters(), pin.untoldChanges())));
    }

    private static PollingThread.Stoppable stoppable(Worker worker) {
        WorkerLoop loop = new WorkerLoop(worker, new BusySpinIdleStrategy(), Throwable::printStackTrace);
        return new PollingThread.Stoppable(loop, loop::stop);
    }

    private static PollingThread.Stoppable stoppable(PassLoop loop) {
        return new PollingThread.Stoppable(loop, loop::stop);
    }

    private static Counts counts(WorkerCounters counters, long untold) {
        long drops = 0;
        for (DropReason reason : DropReason.values()) {
            drops += counters.drops(reason);
        }
        return new Counts(
                counters.get(WorkerCounter.RX_PACKETS),
                counters.get(WorkerCounter.FLOW_HITS),
                counters.get(WorkerCounter.FLOW_MISSES),
                counters.get(WorkerCounter.FLOW_EVICTIONS),
                drops,
                untold);
    }

    /** Has all of them poll for so long, on their own threads; {@return what they did, together}. */
    Measured run(double seconds) throws InterruptedException {
        JournalUse before = journalUse();
        List<Future<Measured>> running =
                threads.stream().map(PollingThread::start).toList();
        Thread.sleep((long) (seconds * 1000));
        threads.forEach(PollingThread::stop);
        JournalUse used = journalUse().minus(before);
        return running.stream()
                .map(Future::resultNow)
                .reduce(Measured::plus)
                .orElseThrow()
                .with(used);
    }

    private JournalUse journalUse() {
        return journal.map(JournalSide::used).orElse(JournalUse.NONE);
    }

    @Override
    public void close() {
        threads.forEach(PollingThread::close);
        closers.forEach(Runnable::run);
        journal.ifPresent(JournalSide::close);
        table.close();
    }
}
