package io.l4lb.bench.warmup;

import io.l4lb.bench.shape.BenchSite;
import io.l4lb.bench.shape.Shape;
import io.l4lb.config.DataplaneConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.dpdk.MbufPool;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.dpdk.eal.WorkerThread;
import io.l4lb.dpdk.ethdev.EthDev;
import io.l4lb.dpdk.ethdev.EthDevConfig;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.forwarding.ForwardingTableBuilder;
import io.l4lb.pin.Pin;
import io.l4lb.warmup.WarmUp;
import io.l4lb.warmup.WarmUpResult;
import io.l4lb.worker.Worker;
import io.l4lb.worker.WorkerEthPort;
import io.l4lb.worker.WorkerLoop;
import io.l4lb.worker.WorkerTerms;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.agrona.concurrent.BusySpinIdleStrategy;

/**
 * Main class of the measured JVM: starts as a node does, with a warm-up or without, then forwards on a bound thread and
 * reads that thread's CPU clock after the first packets and, later, over the steady state. Between two readings it does
 * what {@link WorkerLoop#run} does, so that nothing of the benchmark is in the measured code.
 *
 * <pre>LIMIT-SECONDS CPU DEVICE WARM-SECONDS SECONDS EAL-OPTIONS -- OPTIONS of {@link Shape}</pre>
 */
public final class FirstPackets {
    static final String START = "RESULT ";
    /** Packets after which the clock is read. */
    static final long[] MILESTONES = {1_000, 10_000, 100_000};

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int CLOCK_CALLS = 1_000;

    private final Worker worker;
    private final WorkerLoop loop;
    private final StringBuilder answer = new StringBuilder();

    private FirstPackets(Worker worker) {
        this.worker = worker;
        this.loop = new WorkerLoop(worker, new BusySpinIdleStrategy(), Throwable::printStackTrace);
    }

    public static void main(String[] arguments) throws Exception {
        List<String> all = List.of(arguments);
        int end = all.indexOf("--");
        Shape shape = Shape.parse(all.subList(end + 1, all.size()));
        long limitSeconds = Long.parseLong(all.get(0));
        OptionalInt cpu = OptionalInt.of(Integer.parseInt(all.get(1)));
        double warmSeconds = Double.parseDouble(all.get(3));
        double seconds = Double.parseDouble(all.get(4));
        L4lbConfig config = bound(BenchSite.config(shape), cpu.getAsInt());
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (Eal eal = Eal.start(all.subList(5, end));
                MbufPool pool = MbufPool.create(
                        "bench", shape.source().mbufs(), shape.source().dataRoomBytes(), MbufPool.ANY_SOCKET);
                EthDev ethDev = eal.attach(all.get(2))) {
            ethDev.configure(EthDevConfig.forWorkers(1, 0, pool));
            WarmUpResult warm = limitSeconds == 0
                    ? new WarmUpResult(false, 0, 0, 0)
                    : new WarmUp(eal, config, BusySpinIdleStrategy::new).run(Duration.ofSeconds(limitSeconds));
            ethDev.start();
            ForwardingTable table = table(config);
            Worker worker = worker(config, ethDev, pool, table);
            FirstPackets first = new FirstPackets(worker);
            Thread thread = Thread.ofPlatform().name("worker").start(() -> first.measure(cpu, warmSeconds, seconds));
            thread.join();
            out.printf(
                    "%sdpdk=%s compiled=%b warmUpNs=%d%s%n",
                    START, eal.version().replace(' ', '_'), warm.compiled(), warm.wallNs(), first.answer);
            worker.close();
            table.close();
        }
    }

    private static L4lbConfig bound(L4lbConfig config, int cpu) {
        DataplaneConfig all = config.dataplane();
        DataplaneConfig bound = new DataplaneConfig(
                all.eal(),
                all.ethPorts(),
                all.workers(),
                List.of(cpu),
                all.idle(),
                all.outerSource(),
                all.nextHop(),
                all.mtuBytes(),
                all.flowTable(),
                all.puntPacketsPerSecond());
        return new L4lbConfig(config.node(), bound, config.pools(), config.vips());
    }

    private static ForwardingTable table(L4lbConfig config) {
        return new ForwardingTableBuilder(
                        config,
                        new ForwardingNumbers(),
                        List.of(BenchSite.ETH_PORT_MAC),
                        address -> Optional.of(BenchSite.NEXT_HOP))
                .build();
    }

    private static Worker worker(L4lbConfig config, EthDev ethDev, MbufPool pool, ForwardingTable table) {
        boolean ipv6 = config.vips().getFirst().address().ipv6();
        var flows = config.dataplane().flowTable();
        Pin pin = new Pin(flows.flows(), !ipv6, ipv6, new FlowTimeouts(flows.tcpIdleSeconds(), flows.udpIdleSeconds()));
        return new Worker(
                List.of(new WorkerEthPort(ethDev.rxQueue(0), ethDev.txQueue(0), null)),
                pool,
                WorkerTerms.of(config.dataplane(), 0),
                pin,
                table);
    }

    private void measure(OptionalInt cpu, double warmSeconds, double seconds) {
        try (WorkerThread _ = WorkerThread.enter(cpu)) {
            for (int i = 0; i < CLOCK_CALLS; i++) {
                cpuNs(); // the clock's own first calls are not the node's
            }
            long startNs = cpuNs();
            for (long milestone : MILESTONES) {
                while (packets() < milestone) {
                    loop.turn();
                }
                long takenNs = cpuNs() - startNs;
                answer.append(" first").append(milestone).append('=').append((double) takenNs / packets());
            }
            forward(warmSeconds);
            long beforeNs = cpuNs();
            long beforePackets = packets();
            forward(seconds);
            answer.append(" steady=").append((double) (cpuNs() - beforeNs) / (packets() - beforePackets));
        }
    }

    private void forward(double seconds) {
        long endNs = System.nanoTime() + (long) (seconds * 1e9);
        while (System.nanoTime() - endNs < 0) {
            loop.turn();
        }
    }

    private long packets() {
        return worker.counters().get(WorkerCounter.RX_PACKETS);
    }

    private static long cpuNs() {
        return THREADS.getCurrentThreadCpuTime();
    }
}
