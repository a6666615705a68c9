package io.l4lb.counters;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;

/**
 * One worker's packets and bytes per VIP and per destination.
 *
 * <pre>
 *  0  packets  8   machine byte order; a cell of 16 bytes, four a cache line
 *  8  bytes    8   of inner IP packets
 * </pre>
 *
 * <p>There is a cell for every number that can be given out, touched from the start: a reload never moves one, and no
 * packet waits for a page. That is 17 MiB. Written by that worker with opaque stores, read by any thread.
 */
public final class TrafficCounters {
    private static final int CELL_SHIFT = 4;
    private static final int BYTES_OFFSET = Long.BYTES;

    private final NativeMemory memory;
    private final long vips;
    private final long destinations;

    /** Takes 16 bytes for each number below the two bounds. */
    public TrafficCounters(int vipNumbers, int destinationIndices) {
        memory = NativeMemory.allocate(((long) vipNumbers + destinationIndices) << CELL_SHIFT, true);
        vips = memory.address();
        destinations = vips + ((long) vipNumbers << CELL_SHIFT);
    }

    /** Worker thread. Counts packets to a VIP, all that follow each other at once, as a {@link Tally}. */
    public void countVip(int vip, long tally) {
        add(vips + ((long) vip << CELL_SHIFT), Tally.packets(tally), Tally.bytes(tally));
    }

    /** Worker thread. Counts one packet of {@code bytes} bytes. */
    public void countDestination(int destination, int bytes) {
        add(destinations + ((long) destination << CELL_SHIFT), 1, bytes);
    }

    private static void add(long cell, int packets, long bytes) {
        Memory.putLongOpaque(cell, Memory.getLong(cell) + packets);
        Memory.putLongOpaque(cell + BYTES_OFFSET, Memory.getLong(cell + BYTES_OFFSET) + bytes);
    }

    /** {@return packets to that VIP}; any thread */
    public long vipPackets(int vip) {
        return Memory.getLongOpaque(vips + ((long) vip << CELL_SHIFT));
    }

    /** {@return bytes of inner packets to that VIP}; any thread */
    public long vipBytes(int vip) {
        return Memory.getLongOpaque(vips + ((long) vip << CELL_SHIFT) + BYTES_OFFSET);
    }

    /** {@return packets to that destination}; any thread */
    public long destinationPackets(int destination) {
        return Memory.getLongOpaque(destinations + ((long) destination << CELL_SHIFT));
    }

    /** {@return bytes of inner packets to that destination}; any thread */
    public long destinationBytes(int destination) {
        return Memory.getLongOpaque(destinations + ((long) destination << CELL_SHIFT) + BYTES_OFFSET);
    }

    /** Frees the cells; neither writer nor readers may be left. */
    public void close() {
        memory.close();
    }
}
