package io.l4lb.bench.rig;

import io.l4lb.bench.strict.BrokenPromise;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.counters.WorkerCounters;
import java.util.Set;

/** What became of all mbufs since a worker was made, against what it counted: each packet has one outcome, each drop one reason. */
final class Bookkeeping {
    private final WorkerCounters counters;
    private long received;
    private long sent;
    private long punted;
    private long released;

    Bookkeeping(WorkerCounters counters) {
        this.counters = counters;
    }

    void check(Devices devices) {
        received += devices.receivedCount();
        sent += devices.sentCount();
        punted += devices.puntedCount();
        released += devices.releasedCount();
        equal("received", received, WorkerCounter.RX_PACKETS);
        equal("sent", sent, WorkerCounter.TX_PACKETS);
        equal("punted", punted, WorkerCounter.PUNTED_PACKETS);
        equal("held", devices.heldCount(), WorkerCounter.FRAGMENTS_WAITING);
        long drops = 0;
        for (DropReason reason : DropReason.values()) {
            drops += counters.drops(reason);
        }
        if (drops != released) {
            throw new BrokenPromise(released + " mbufs were released, " + drops + " drops have a reason");
        }
        long in = received + counters.get(WorkerCounter.OUTER_FRAGMENTS);
        if (in != sent + punted + drops + devices.heldCount()) {
            throw new BrokenPromise(in + " packets came or were made, " + (sent + punted + drops) + " have an outcome");
        }
    }

    private void equal(String what, long count, WorkerCounter counter) {
        if (count != counters.get(counter)) {
            throw new BrokenPromise(count + " were " + what + ", counted " + counters.get(counter));
        }
    }

    /** Adds the labels of the drop reasons and the counters that are above zero. */
    void addReached(Set<String> reached) {
        for (DropReason reason : DropReason.values()) {
            if (counters.drops(reason) > 0) {
                reached.add(reason.label());
            }
        }
        for (WorkerCounter counter : WorkerCounter.values()) {
            if (counters.get(counter) > 0) {
                reached.add(counter.label());
            }
        }
    }
}
