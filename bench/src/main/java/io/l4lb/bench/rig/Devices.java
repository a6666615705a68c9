package io.l4lb.bench.rig;

import io.l4lb.bench.strict.BrokenPromise;
import io.l4lb.dpdk.MbufRelease;
import io.l4lb.dpdk.MbufSource;
import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;
import java.util.Arrays;

/**
 * What is around a worker, and who owns each mbuf: the first {@link FuzzInput#STEPS_MAX} are for frames that come, the others for what
 * the worker makes. Allocates nothing while the worker works. One thread.
 */
final class Devices implements AutoCloseable {
    /** As many as the outer fragments of a burst can be. */
    private static final int MORE = 256;

    /** Whose an mbuf is. */
    enum Owner {
        NOBODY,
        RECEIVED,
        WORKER,
        SENT,
        PUNTED,
        RELEASED
    }

    final GuardedMbufs mbufs = new GuardedMbufs(FuzzInput.STEPS_MAX + MORE);
    final RxQueue rxQueue = this::receive;
    final TxQueue txQueue = this::transmit;
    final TxQueue puntQueue = this::punt;
    final MbufRelease release = this::release;
    final MbufSource source = this::take;

    private final Owner[] owners = new Owner[mbufs.count()];
    private final long[] waiting = new long[FuzzInput.STEPS_MAX];
    private int waitingFrom;
    private int waitingTo;
    /** In this pass, in order. */
    private final int[] sent = new int[mbufs.count()];

    private final int[] punted = new int[mbufs.count()];
    private int sentCount;
    private int puntedCount;
    private int releasedCount;
    private int receivedCount;
    private int takenNext = FuzzInput.STEPS_MAX;
    private int txRoom;
    private boolean hasMbufs;

    /** Nothing is anybody's. */
    void reset() {
        Arrays.fill(owners, Owner.NOBODY);
        waitingFrom = 0;
        waitingTo = 0;
        beginPass();
    }

    /** Forgets what left; mbufs of the worker's own come back. */
    void beginPass() {
        sentCount = 0;
        puntedCount = 0;
        releasedCount = 0;
        receivedCount = 0;
        takenNext = FuzzInput.STEPS_MAX;
        Arrays.fill(owners, FuzzInput.STEPS_MAX, owners.length, Owner.NOBODY);
        txRoom = Integer.MAX_VALUE;
        hasMbufs = true;
    }

    void trouble(FuzzInput.Trouble trouble) {
        switch (trouble) {
            case TX_FULL -> txRoom = 0;
            case TX_NEARLY_FULL -> txRoom = 3;
            case NO_MBUFS -> hasMbufs = false;
            case NONE, LITTLE_HEADROOM -> {}
        }
    }

    void add(int index) {
        owners[index] = Owner.RECEIVED;
        waiting[waitingTo++] = mbufs.address(index);
    }

    boolean isTxLimited() {
        return txRoom < Integer.MAX_VALUE / 2;
    }

    int receivedCount() {
        return receivedCount;
    }

    int sentCount() {
        return sentCount;
    }

    int sent(int i) {
        return sent[i];
    }

    int puntedCount() {
        return puntedCount;
    }

    int punted(int i) {
        return punted[i];
    }

    int releasedCount() {
        return releasedCount;
    }

    /** {@return how many of the frames that came the worker still has} */
    int heldCount() {
        return count(0, FuzzInput.STEPS_MAX);
    }

    /** {@return how many mbufs of its own the worker still has} */
    int keptCount() {
        return count(FuzzInput.STEPS_MAX, owners.length);
    }

    private int count(int from, int to) {
        int count = 0;
        for (int i = from; i < to; i++) {
            count += owners[i] == Owner.WORKER ? 1 : 0;
        }
        return count;
    }

    private int receive(long list, int capacity) {
        int count = Math.min(capacity, waitingTo - waitingFrom);
        for (int i = 0; i < count; i++) {
            long mbuf = waiting[waitingFrom++];
            owners[mbufs.index(mbuf)] = Owner.WORKER;
            Memory.putLong(list + ((long) i << 3), mbuf);
        }
        receivedCount += count;
        return count;
    }

    private int transmit(long list, int count) {
        int taken = Math.min(count, txRoom);
        txRoom -= taken;
        for (int i = 0; i < taken; i++) {
            sent[sentCount++] = handOver(list, i, Owner.SENT);
        }
        return taken;
    }

    private int punt(long list, int count) {
        for (int i = 0; i < count; i++) {
            punted[puntedCount++] = handOver(list, i, Owner.PUNTED);
        }
        return count;
    }

    private void release(long list, int count) {
        for (int i = 0; i < count; i++) {
            handOver(list, i, Owner.RELEASED);
        }
        releasedCount += count;
    }

    private int handOver(long list, int i, Owner next) {
        int index = mbufs.index(Memory.getLong(list + ((long) i << 3)));
        if (owners[index] != Owner.WORKER) {
            throw new BrokenPromise("an mbuf that is " + owners[index] + " already is " + next);
        }
        owners[index] = next;
        return index;
    }

    private boolean take(long list, int count) {
        if (!hasMbufs || count > mbufs.count() - takenNext) {
            return false;
        }
        for (int i = 0; i < count; i++) {
            int index = takenNext++;
            mbufs.setEmpty(index);
            owners[index] = Owner.WORKER;
            Memory.putLong(list + ((long) i << 3), mbufs.address(index));
        }
        return true;
    }

    @Override
    public void close() {
        mbufs.close();
    }
}
