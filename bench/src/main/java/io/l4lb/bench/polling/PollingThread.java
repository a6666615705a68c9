package io.l4lb.bench.polling;

import com.sun.management.ThreadMXBean;
import io.l4lb.dpdk.eal.WorkerThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/** One bound and registered thread that polls when asked to and sleeps otherwise. All clocks are read outside the loop. */
final class PollingThread implements AutoCloseable {
    /** A loop, and how to end it from another thread. */
    record Stoppable(Runnable loop, Runnable stop) {}

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Path STATUS = Path.of("/proc/thread-self/status");
    private static final String PREEMPTED = "nonvoluntary_ctxt_switches:";

    private final ExecutorService thread;
    private final WorkerThread registration;
    private final Supplier<Stoppable> loops;
    private final Supplier<Counts> counts;
    private Stoppable current;
    private Future<Measured> running;

    /** Starts the thread; {@code loops} gives a new loop for each run, {@code counts} what the loops have counted. */
    PollingThread(int cpu, Supplier<Stoppable> loops, Supplier<Counts> counts) {
        this.loops = loops;
        this.counts = counts;
        thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("worker-" + cpu).factory());
        registration = await(thread.submit(() -> WorkerThread.enter(OptionalInt.of(cpu))));
    }

    /** Begins to poll; {@return what is there after {@link #stop}}. */
    Future<Measured> start() {
        current = loops.get();
        Runnable loop = current.loop();
        running = thread.submit(() -> measure(loop));
        return running;
    }

    /** Ends the run and waits for it. */
    void stop() {
        current.stop().run();
        await(running);
    }

    private Measured measure(Runnable loop) {
        Counts before = counts.get();
        long preempted = preempted();
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long wallNs = System.nanoTime();
        long cpuNs = THREADS.getCurrentThreadCpuTime();
        loop.run();
        cpuNs = THREADS.getCurrentThreadCpuTime() - cpuNs;
        wallNs = System.nanoTime() - wallNs;
        allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        return new Measured(counts.get().minus(before), cpuNs, wallNs, preempted() - preempted, allocated);
    }

    private static long preempted() {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(PREEMPTED))
                    .mapToLong(line ->
                            Long.parseLong(line.substring(PREEMPTED.length()).strip()))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a worker polls", e);
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("a worker failed: " + e.getCause(), e);
        }
    }

    @Override
    public void close() {
        await(thread.submit(registration::close));
        thread.close();
    }
}
