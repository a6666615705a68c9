package io.l4lb.worker;

import io.l4lb.dpdk.MbufSource;
import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;
import io.l4lb.punt.KernelSide;

/**
 * A worker's queues on one ethPort.
 *
 * @param puntQueue where what is not for a VIP goes; null: nowhere, it is dropped
 * @param mbufs where mbufs come from that the txQueue may be given besides those of the rxQueue: the same pool
 * @param kernelSide whose limit holds for the puntQueue, and what is to be sent for; null: nobody's
 */
public record WorkerEthPort(
        RxQueue rxQueue, TxQueue txQueue, TxQueue puntQueue, MbufSource mbufs, KernelSide kernelSide) {
    /** One whose interface has vanished: nothing comes, nothing is taken. */
    public static final WorkerEthPort ABSENT = new WorkerEthPort((_, _) -> 0, (_, _) -> 0, null);

    /** Without a kernel behind the puntQueue, and without mbufs of its own. */
    public WorkerEthPort(RxQueue rxQueue, TxQueue txQueue, TxQueue puntQueue) {
        this(rxQueue, txQueue, puntQueue, MbufSource.NONE, null);
    }

    /** Without a kernel behind the puntQueue. */
    public WorkerEthPort(RxQueue rxQueue, TxQueue txQueue, TxQueue puntQueue, MbufSource mbufs) {
        this(rxQueue, txQueue, puntQueue, mbufs, null);
    }

    /** With the kernel behind the puntQueue. */
    public static WorkerEthPort of(RxQueue rxQueue, TxQueue txQueue, MbufSource mbufs, KernelSide kernelSide) {
        return new WorkerEthPort(rxQueue, txQueue, kernelSide.txQueue(), mbufs, kernelSide);
    }
}
