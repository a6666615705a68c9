package io.l4lb.health.probe;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Wakes those together whose time has come: thousands of checks a second, each woken for itself by its timer and by each of its
 * packets, cost more in wake-ups than in all that they do. A thread of its own; its methods are for any other.
 */
public final class Ticker implements AutoCloseable {
    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(5);

    /** When nobody sleeps; who comes then wakes the thread. */
    private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(10);

    private final Queue<Sleeper> arrivals = new ConcurrentLinkedQueue<>();
    /** The ticker's thread only. */
    private final PriorityQueue<Sleeper> sleepers = new PriorityQueue<>();

    private final Thread.Builder wakers = Thread.ofVirtual().name("health-waker");
    private final Thread thread;
    private volatile long wakesAtNs = System.nanoTime();
    private volatile boolean closed;

    private record Sleeper(long tickNs, Runnable wake) implements Comparable<Sleeper> {
        @Override
        public int compareTo(Sleeper other) {
            return Long.signum(tickNs - other.tickNs);
        }
    }

    public Ticker() {
        thread = Thread.ofPlatform().name("health-ticker").daemon().start(this::run);
    }

    /** Returns at the first tick at or after {@code ns} of {@link System#nanoTime}, or, as any park may, before. */
    public void sleepUntil(long ns) {
        if (closed) { // what is under way goes on to its end
            LockSupport.parkNanos(this, ns - System.nanoTime());
            return;
        }
        Thread sleeper = Thread.currentThread();
        runAt(ns, () -> LockSupport.unpark(sleeper));
        if (!closed) { // else nobody may be left to wake it
            LockSupport.park(this);
        }
    }

    /** Has {@code action} run at the first tick at or after {@code ns}, or when this is closed; it has to be short. */
    public void runAt(long ns, Runnable action) {
        long tickNs = ns + Math.floorMod(-ns, TICK_NS);
        arrivals.add(new Sleeper(tickNs, action));
        if (tickNs - wakesAtNs < 0) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        while (!closed) {
            admitArrivals();
            long nowNs = System.nanoTime();
            boolean hasWoken = wakeUntil(nowNs);
            wakesAtNs = next(nowNs, hasWoken);
            if (arrivals.isEmpty()) { // after wakesAtNs is told: who comes now either is seen here, or sees it
                LockSupport.parkNanos(this, wakesAtNs - System.nanoTime());
            }
        }
        admitArrivals();
        sleepers.forEach(each -> each.wake.run());
    }

    private void admitArrivals() {
        for (Sleeper each = arrivals.poll(); each != null; each = arrivals.poll()) {
            sleepers.add(each);
        }
    }

    private long next(long nowNs, boolean hasWoken) {
        if (hasWoken) { // they will mostly want the next tick: they need not wake this thread for it
            return nowNs + TICK_NS - Math.floorMod(nowNs, TICK_NS);
        }
        return sleepers.isEmpty() ? nowNs + IDLE_NS : sleepers.peek().tickNs;
    }

    /** One virtual thread wakes the others: within their scheduler that is a push, from outside often a call of the kernel. */
    private boolean wakeUntil(long ns) {
        List<Runnable> due = new ArrayList<>();
        while (!sleepers.isEmpty() && sleepers.peek().tickNs - ns <= 0) {
            due.add(sleepers.poll().wake);
        }
        if (!due.isEmpty()) {
            wakers.start(() -> due.forEach(Runnable::run));
        }
        return !due.isEmpty();
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
