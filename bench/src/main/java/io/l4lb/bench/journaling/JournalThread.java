package io.l4lb.bench.journaling;

import io.l4lb.dpdk.binding.Libc;
import io.l4lb.replication.ReplicationEngine;
import java.lang.management.ManagementFactory;
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
    private volatile long longestPassNs;

    /** Starts it. */
    public JournalThread(ReplicationEngine engine, OptionalInt cpu) {
        this.engine = engine;
        this.cpu = cpu;
        thread = Thread.ofPlatform().name("journal").daemon().start(this::run);
    }

    private void run() {
        try {
            cpu.ifPresent(JournalThread::bind);
            IdleStrategy idle = new BackoffIdleStrategy(100, 0, SLEEP_MIN_NS, SLEEP_MAX_NS);
            while (running) {
                long startNs = System.nanoTime();
                int work = engine.doWork();
                longestPassNs = Math.max(longestPassNs, System.nanoTime() - startNs);
                idle.idle(work);
            }
        } catch (RuntimeException | Error e) {
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

    /** {@return the longest time between two looks at the rings, sleeps apart, since this was last asked} May miss one just now. */
    public long takeLongestPassNs() {
        long longest = longestPassNs;
        longestPassNs = 0;
        return longest;
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
