package io.l4lb.counters;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;

/**
 * One worker's counters: a block of 8-byte cells in native memory, {@link WorkerCounter}s first, then one a
 * {@link DropReason}. Written by that worker alone, with opaque stores; read by any thread without stopping it. The block
 * has its own cache lines, so workers do not disturb each other.
 */
public final class WorkerCounters {
    private static final int DROPS_OFFSET = WorkerCounter.values().length * Long.BYTES;

    private final NativeMemory memory;
    private final long cells;

    /** Allocates the block, all zero; {@link #close} frees it. */
    public WorkerCounters() {
        memory = NativeMemory.allocate(DROPS_OFFSET + (long) DropReason.count() * Long.BYTES, true);
        cells = memory.address();
    }

    /** Worker thread. */
    public void countReceived(int packets, long bytes) {
        add(WorkerCounter.RX_PACKETS, packets);
        add(WorkerCounter.RX_BYTES, bytes);
    }

    /** Worker thread. */
    public void countTransmitted(int packets, long bytes) {
        add(WorkerCounter.TX_PACKETS, packets);
        add(WorkerCounter.TX_BYTES, bytes);
    }

    /** Worker thread. */
    public void countPunted(int packets) {
        add(WorkerCounter.PUNTED_PACKETS, packets);
    }

    /** Worker thread. {@code reason}: ordinal of a {@link DropReason} */
    public void countDrop(int reason, int packets) {
        long cell = cells + DROPS_OFFSET + ((long) reason << 3);
        Memory.putLongOpaque(cell, Memory.getLong(cell) + packets);
    }

    /** Worker thread. Sets a counter whose live value the worker keeps elsewhere. */
    public void set(WorkerCounter counter, long value) {
        Memory.putLongOpaque(cell(counter), value);
    }

    /** Worker thread. */
    public void add(WorkerCounter counter, long value) {
        long cell = cell(counter);
        Memory.putLongOpaque(cell, Memory.getLong(cell) + value);
    }

    /** {@return the counter's value}; any thread */
    public long get(WorkerCounter counter) {
        return Memory.getLongOpaque(cell(counter));
    }

    /** {@return how many packets were dropped for that reason}; any thread */
    public long drops(DropReason reason) {
        return Memory.getLongOpaque(cells + DROPS_OFFSET + ((long) reason.ordinal() << 3));
    }

    /** Frees the block; neither writer nor readers may be left. */
    public void close() {
        memory.close();
    }

    private long cell(WorkerCounter counter) {
        return cells + ((long) counter.ordinal() << 3);
    }
}
