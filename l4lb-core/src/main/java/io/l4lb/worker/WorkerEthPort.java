package io.l4lb.worker;

import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;

/**
 * A worker's queues on one ethPort.
 *
 * @param puntQueue the kernel's side of the ethPort; null: there is none, and what is not for a VIP is dropped
 */
public record WorkerEthPort(RxQueue rxQueue, TxQueue txQueue, TxQueue puntQueue) {}
