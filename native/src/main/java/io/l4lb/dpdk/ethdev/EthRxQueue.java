package io.l4lb.dpdk.ethdev;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.l4lb.dpdk.RxQueue;
import io.l4lb.dpdk.binding.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * Receives from one queue of an ethPort through DPDK. A plain downcall, not a critical one: net_af_xdp, net_pcap and others
 * make system calls inside, and a critical call would hold up every safepoint for as long. One worker only.
 */
final class EthRxQueue implements RxQueue {
    private static final int MAX_BURST = 0xffff;
    private static final MethodHandle BURST = NativeLibrary.downcall(
            "l4lb_rx_burst", FunctionDescriptor.of(JAVA_SHORT, JAVA_SHORT, JAVA_SHORT, JAVA_LONG, JAVA_SHORT));

    private final short ethPortId;
    private final short rxQueueIndex;

    EthRxQueue(int ethPortId, int rxQueueIndex) {
        this.ethPortId = (short) ethPortId;
        this.rxQueueIndex = (short) rxQueueIndex;
    }

    @Override
    public int receive(long mbufArrayAddress, int capacity) {
        assert capacity >= 0 && capacity <= MAX_BURST;
        try {
            return (short) BURST.invokeExact(ethPortId, rxQueueIndex, mbufArrayAddress, (short) capacity) & 0xffff;
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }
}
