package io.l4lb.bench.journaling;

import io.l4lb.dpdk.binding.Libc;
import io.l4lb.replication.ReplicationEngine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.OptionalInt;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** Runs an engine's journal thread as a node does, on a CPU of its own if there is one. */
public final class JournalThread implements AutoCloseable {
    // those of io.l4lb.replication.Replication
    private static final long SLEEP_MIN_NS = 20_000;
    private static final long SLEEP_MAX_NS = 500_000;

    private final ReplicationEngine engine;
    private final OptionalInt cpu;
    private final Thread thread;
    private volatile boolean running = true;
    private volatile Throwable failure;
    private volatile Pass longest = Pass.NONE;
    private volatile Path schedulerFile;

    /** One pass of the thread. */
    public record Pass(long wallNs, long cpuNs) {
        private static final Pass NONE = new Pass(0, 0);
    }

    /** Starts it. */
    public JournalThread(ReplicationEngine engine, OptionalInt cpu) {
        this.engine = engine;
        this.cpu = cpu;
        thread = Thread.ofPlatform().name("journal").daemon().start(this::run);
    }

    private void run() {
        try {
            cpu.ifPresent(JournalThread::bind);
            schedulerFile = Path.of("/proc/thread-self").toRealPath().resolve("schedstat");
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            IdleStrategy idle = new BackoffIdleStrategy(100, 0, SLEEP_MIN_NS, SLEEP_MAX_NS);
            while (running) {
                long startNs = System.nanoTime();
                long startCpuNs = threads.getCurrentThreadCpuTime();
                int work = engine.doWork();
                long tookNs = System.nanoTime() - startNs;
                if (tookNs > longest.wallNs) {
                    longest = new Pass(tookNs, threads.getCurrentThreadCpuTime() - startCpuNs);
                }
                idle.idle(work);
            }
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
    }

    /** Lets the calling thread run on that CPU only. */
    private static void bind(int cpu) {
        BitSet only = new BitSet();
        only.set(cpu);
        Libc.bindThread(only.toLongArray());
        Libc.timerSlackNs(1);
    }

    /** {@return CPU time that it has taken} */
    public long cpuNs() {
        return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId());
    }

    /** {@return the pass that took longest, so how long no ring was looked at, since this was last asked} May miss one just now. */
    public Pass takeLongestPass() {
        Pass pass = longest;
        longest = Pass.NONE;
        return pass;
    }

    /** {@return how long it has been ready to run while others had the CPU}; 0 before it runs, or where the kernel does not count. */
    public long waitedForCpuNs() {
        Path file = schedulerFile;
        try {
            return file == null ? 0 : Long.parseLong(Files.readString(file).split(" ", -1)[1]);
        } catch (IOException e) {
            return 0;
        }
    }

    /** Ends it and waits for it. */
    @Override
    public void close() {
        running = false;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new IllegalStateException("the journal thread failed", failure);
        }
    }
}
