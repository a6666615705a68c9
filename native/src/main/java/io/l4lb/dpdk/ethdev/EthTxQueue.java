package io.l4lb.dpdk.ethdev;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.l4lb.dpdk.TxQueue;
import io.l4lb.dpdk.binding.NativeLibrary;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * Transmits to one queue of an ethPort through DPDK. A plain downcall, not a critical one: net_af_xdp, net_pcap and others
 * make system calls inside, and a critical call would hold up every safepoint for as long. One worker only.
 */
final class EthTxQueue implements TxQueue {
    private static final int MAX_BURST = 0xffff;
    private static final MethodHandle BURST = NativeLibrary.downcall(
            "l4lb_tx_burst", FunctionDescriptor.of(JAVA_SHORT, JAVA_SHORT, JAVA_SHORT, JAVA_LONG, JAVA_SHORT));

    private final short ethPortId;
    private final short txQueueIndex;

    EthTxQueue(int ethPortId, int txQueueIndex) {
        this.ethPortId = (short) ethPortId;
        this.txQueueIndex = (short) txQueueIndex;
    }

    @Override
    public int transmit(long mbufArrayAddress, int count) {
        assert count >= 0 && count <= MAX_BURST;
        try {
            return (short) BURST.invokeExact(ethPortId, txQueueIndex, mbufArrayAddress, (short) count) & 0xffff;
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }
}
