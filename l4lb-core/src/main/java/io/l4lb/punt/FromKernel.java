package io.l4lb.punt;

import io.l4lb.burst.Burst;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.counters.WorkerCounters;
import io.l4lb.dpdk.MbufRelease;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;

/** Sends what the kernel has to send out of the NIC, as it is. Between bursts, on the worker that owns the TX queue. */
public final class FromKernel {
    /** A pass takes no more: each packet is a system call of the tap's driver. */
    private static final int PACKETS_MAX = 8;

    private FromKernel() {}

    /**
     * One go; {@code burst} lends its list of mbufs, and counts them for as long as nobody else has them: should a queue fail,
     * {@code Worker.recover} finds them there.
     *
     * @return how many packets the kernel had
     */
    public static int run(
            Burst burst, RxQueue kernelRxQueue, TxQueue txQueue, MbufRelease release, WorkerCounters counters) {
        long list = burst.mbufs();
        int count = kernelRxQueue.receive(list, PACKETS_MAX);
        if (count != 0) {
            burst.count = count;
            int sent = txQueue.transmit(list, count);
            burst.count = 0;
            counters.add(WorkerCounter.KERNEL_PACKETS, sent);
            if (sent < count) {
                counters.countDrop(DropReason.KERNEL_TX_FULL.ordinal(), count - sent);
                release.release(list + ((long) sent << 3), count - sent);
            }
        }
        return count;
    }
}
