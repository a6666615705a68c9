package io.l4lb.worker;

import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;
import io.l4lb.punt.KernelSide;

/**
 * A worker's queues on one ethPort.
 *
 * @param puntQueue where what is not for a VIP goes; null: nowhere, it is dropped
 * @param kernelSide whose limit holds for the puntQueue, and what is to be sent for; null: nobody's
 */
public record WorkerEthPort(RxQueue rxQueue, TxQueue txQueue, TxQueue puntQueue, KernelSide kernelSide) {
    /** One whose interface has vanished: nothing comes, nothing is taken. */
    public static final WorkerEthPort ABSENT = new WorkerEthPort((_, _) -> 0, (_, _) -> 0, null);

    /** Without a kernel behind the puntQueue. */
    public WorkerEthPort(RxQueue rxQueue, TxQueue txQueue, TxQueue puntQueue) {
        this(rxQueue, txQueue, puntQueue, null);
    }

    /** With the kernel behind the puntQueue. */
    public static WorkerEthPort of(RxQueue rxQueue, TxQueue txQueue, KernelSide kernelSide) {
        return new WorkerEthPort(rxQueue, txQueue, kernelSide.txQueue(), kernelSide);
    }
}
