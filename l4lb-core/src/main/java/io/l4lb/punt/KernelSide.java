package io.l4lb.punt;

import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.TxQueue;

/**
 * The kernel's side of an ethPort for one worker: an interface of the kernel whose other end the worker holds.
 *
 * @param rxQueue what the kernel sends
 * @param txQueue what the kernel receives
 * @param limit how much of it
 */
public record KernelSide(RxQueue rxQueue, TxQueue txQueue, PuntLimit limit) {}
