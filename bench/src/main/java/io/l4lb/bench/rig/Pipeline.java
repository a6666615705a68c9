package io.l4lb.bench.rig;

import com.sun.management.ThreadMXBean;
import io.l4lb.bench.rig.FuzzInput.Step;
import io.l4lb.bench.rig.FuzzInput.Trouble;
import io.l4lb.bench.strict.BrokenPromise;
import io.l4lb.bench.strict.SentCheck;
import io.l4lb.forwarding.ForwardingTable;
import io.l4lb.worker.Worker;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A whole worker that inputs go through, one after the other, and the promises that each must keep. A new worker for each would cost
 * milliseconds, its counters are large; so time goes on between inputs until all is forgotten, and the sweep clears the flow tables.
 */
final class Pipeline implements AutoCloseable {
    private static final int BURST = 32;
    /** Longer than any idle time that a site has. */
    private static final long FORGET_NS = 2_000_000_000_000L;
    /** Idle passes that sweep tables of a thousand flows. */
    private static final int SWEEPS = 16;

    private static final int HEADROOM_LITTLE_BYTES = 20;
    private static final int ALLOCATION_TRIES = 4;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Site site;
    private final Devices devices;
    private final boolean measured;
    private final ForwardingTable table;
    private final Worker worker;
    private final Bookkeeping bookkeeping;
    private final byte[][] frames = new byte[FuzzInput.STEPS_MAX][];
    private long nowNs = FORGET_NS;
    private long allocatedBytes;

    /** @param measured whether the worker must not allocate: with an instrumented one it is the instruments that do */
    Pipeline(Site site, Devices devices, boolean measured) {
        this.measured = measured;
        this.site = site;
        this.devices = devices;
        table = site.table();
        worker = site.worker(devices, table);
        bookkeeping = new Bookkeeping(worker.counters());
    }

    /**
     * Takes an input through.
     *
     * @throws BrokenPromise if a promise was not kept; the worker is of no use any more
     */
    void run(FuzzInput input) {
        for (int i = 0; i < ALLOCATION_TRIES; i++) {
            allocatedBytes = 0;
            once(input);
            if (!measured || allocatedBytes == 0) {
                return; // the first time, classes of code that was never reached are loaded and linked
            }
        }
        throw new BrokenPromise("the worker's thread allocated " + allocatedBytes + " bytes, each time");
    }

    private void once(FuzzInput input) {
        devices.reset();
        List<Step> steps = input.steps();
        int from = 0;
        while (from < steps.size()) {
            nowNs += steps.get(from).gapNs();
            int to = from;
            do {
                add(to, steps.get(to), input.atStart());
                to++;
            } while (to < steps.size() && to - from < BURST && steps.get(to).gapNs() == 0);
            pass();
            from = to;
        }
        nowNs += FORGET_NS;
        for (int i = 0; i < SWEEPS; i++) {
            pass();
        }
        worker.dropHeld();
        bookkeeping.check(devices);
        if (devices.heldCount() != 0) {
            throw new BrokenPromise(devices.heldCount() + " mbufs were lost");
        }
    }

    private void add(int index, Step step, boolean atStart) {
        frames[index] = step.frame();
        int headroom = step.trouble() == Trouble.LITTLE_HEADROOM ? HEADROOM_LITTLE_BYTES : GuardedMbufs.HEADROOM_BYTES;
        devices.mbufs.setFrame(index, frames[index], headroom, atStart);
        devices.trouble(step.trouble());
        devices.add(index);
    }

    private void pass() {
        long before = threads.getCurrentThreadAllocatedBytes();
        worker.doWork(nowNs);
        allocatedBytes += threads.getCurrentThreadAllocatedBytes() - before;
        check();
        devices.beginPass();
    }

    private void check() {
        bookkeeping.check(devices);
        checkSent();
        for (int i = 0; i < devices.puntedCount(); i++) {
            int index = devices.punted(i);
            require(Arrays.equals(frames[index], devices.mbufs.frame(index)), "a punted frame changed");
        }
        for (int i = 0; i < FuzzInput.STEPS_MAX; i++) {
            if (frames[i] != null) {
                devices.mbufs.checkUntouchedAround(i);
            }
        }
        require(devices.keptCount() == 0, "mbufs of the worker's own were lost");
    }

    private void checkSent() {
        for (int i = 0; i < devices.sentCount(); ) {
            int first = devices.sent(i++);
            require(first < FuzzInput.STEPS_MAX, "a fragment before its packet");
            List<byte[]> left = new ArrayList<>();
            left.add(devices.mbufs.frame(first));
            while (i < devices.sentCount() && devices.sent(i) >= FuzzInput.STEPS_MAX) {
                left.add(devices.mbufs.frame(devices.sent(i)));
                devices.mbufs.checkUntouchedAround(devices.sent(i));
                i++;
            }
            if (i < devices.sentCount() || !devices.isTxLimited()) { // else its last fragments may have been dropped
                SentCheck.check(frames[first], left, site.service());
            }
        }
    }

    private static void require(boolean kept, String otherwise) {
        if (!kept) {
            throw new BrokenPromise(otherwise);
        }
    }

    void addReached(Set<String> reached) {
        bookkeeping.addReached(reached);
    }

    @Override
    public void close() {
        worker.close();
        table.close();
    }
}
