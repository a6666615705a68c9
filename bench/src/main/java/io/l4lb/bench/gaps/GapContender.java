package io.l4lb.bench.gaps;

import com.sun.management.ThreadMXBean;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.dpdk.MbufPool;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.dpdk.eal.ServiceThreads;
import io.l4lb.dpdk.ethdev.EthDev;
import io.l4lb.dpdk.ethdev.EthDevConfig;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/**
 * Main class of the Java contender: {@code EAL-OPTIONS -- OPTIONS} of {@link LoadShape}, then lines on its standard input,
 * as the floor in C ({@code stallfloor.c}) takes and answers them.
 *
 * <pre>
 * run WARM SECONDS LOAD    polls, with the control side busy when LOAD is 1: GAPS …, then RESULT name=value …
 * (end of input)           leaves
 * </pre>
 */
public final class GapContender {
    /** Mbufs, as in stallfloor.c: more than the packets of the capture. */
    private static final int MBUFS = 131_071;

    private static final int DATA_ROOM_BYTES = 256;
    private static final String DEVICE_OPTION = "--vdev=";
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final GapWorker worker;
    private final ControlSide control;
    private final LoadShape shape;
    private final PrintStream out;

    private GapContender(GapWorker worker, ControlSide control, LoadShape shape, PrintStream out) {
        this.worker = worker;
        this.control = control;
        this.shape = shape;
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        List<String> all = List.of(arguments);
        int end = all.indexOf("--");
        serve(all.subList(0, end), LoadShape.parse(all.subList(end + 1, all.size())), out);
    }

    private static void serve(List<String> ealOptions, LoadShape shape, PrintStream out) throws Exception {
        String device = ealOptions.stream()
                .filter(option -> option.startsWith(DEVICE_OPTION))
                .map(option -> option.substring(DEVICE_OPTION.length()))
                .findFirst()
                .orElseThrow();
        List<String> start = ealOptions.stream()
                .filter(option -> !option.startsWith(DEVICE_OPTION))
                .toList();
        try (Eal eal = Eal.start(start);
                MbufPool pool = MbufPool.create("stall", MBUFS, DATA_ROOM_BYTES, MbufPool.ANY_SOCKET);
                EthDev ethDev = eal.attach(device);
                ControlSide control = new ControlSide(shape, GapWorker.FLOWS)) {
            ethDev.configure(EthDevConfig.forWorkers(1, 0, pool));
            ethDev.start();
            try (GapWorker worker = new GapWorker(shape, ethDev.rxQueue(0), ethDev.txQueue(0), pool, control.table())) {
                if (shape.apart()) {
                    ServiceThreads.keepOff(Set.of(shape.cpu()));
                }
                out.println("READY dpdk=" + eal.version());
                new GapContender(worker, control, shape, out).obey();
            }
        }
    }

    private void obey() throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            run(Double.parseDouble(words[1]), Double.parseDouble(words[2]), words[3].equals("1"));
        }
    }

    private void run(double warmSeconds, double seconds, boolean loaded) throws InterruptedException {
        worker.start();
        Garbage garbage = new Garbage(shape.megabytesPerSecond());
        List<Thread> load = loaded
                ? List.of(
                        Thread.ofPlatform().name("garbage").start(garbage),
                        Thread.ofPlatform().name("control").start(() -> control.run(worker.worker(), worker.loop())))
                : List.of();
        worker.recordInto(new GapHistograms()); // the recording warms up too
        sleep(warmSeconds);
        GapHistograms gaps = new GapHistograms();
        Counts before = counts();
        worker.recordInto(gaps);
        sleep(seconds);
        worker.recordInto(null);
        Counts after = counts();
        garbage.stop();
        control.stop();
        for (Thread thread : load) {
            thread.join();
        }
        worker.stop();
        gaps.print(out);
        out.println(after.toLine(before, gaps.all().getTotalCount()));
    }

    private static void sleep(double seconds) throws InterruptedException {
        Thread.sleep((long) (seconds * 1000));
    }

    private Counts counts() {
        return new Counts(
                System.nanoTime(),
                worker.worker().counters().get(WorkerCounter.RX_PACKETS),
                THREADS.getThreadAllocatedBytes(worker.threadId()),
                THREADS.getTotalThreadAllocatedBytes(),
                control.reloads(),
                control.counterReads());
    }

    /** Since the start of the process. */
    private record Counts(
            long nowNs, long packets, long workerBytes, long allocatedBytes, int reloads, int counterReads) {
        String toLine(Counts before, long passes) {
            return "RESULT packets=%d passes=%d wallNs=%d workerBytes=%d allocatedBytes=%d reloads=%d counterReads=%d"
                    .formatted(
                            packets - before.packets,
                            passes,
                            nowNs - before.nowNs,
                            workerBytes - before.workerBytes,
                            allocatedBytes - before.allocatedBytes,
                            reloads - before.reloads,
                            counterReads - before.counterReads);
        }
    }
}
