package io.l4lb.track;

import io.l4lb.dpdk.Memory;
import io.l4lb.dpdk.NativeMemory;

/**
 * A worker's way to the journal: one writer, one reader, fixed native memory, nobody waits. A full ring refuses, which is
 * counted; the flow's next refresh says all that was lost.
 *
 * <pre>
 *      0  published   8  slots written, cache line of the worker
 *    128  consumed    8  slots read, cache line of the journal thread (128: adjacent lines are fetched in pairs)
 *    256  slots          {@link FlowChangeDescriptor}, number of a slot modulo their count
 * </pre>
 *
 * <p>The worker publishes once a burst, so a burst costs one store that another core looks at, however many changes it brought.
 */
public final class FlowChangeRing implements AutoCloseable {
    /** 16 MiB: half a second at a million changes a second; a pass of the journal thread that meets page faults has taken 0.4 s. */
    public static final int SLOTS = 1 << 19;

    private static final int CONSUMED_OFFSET = 128;
    private static final int SLOTS_OFFSET = 2 * CONSUMED_OFFSET;
    private static final int SLOT_SHIFT = Integer.numberOfTrailingZeros(FlowChangeDescriptor.LENGTH_BYTES);

    private final NativeMemory memory;
    private final long publishedAddress;
    private final long consumedAddress;
    private final long slots;
    private final int slotMask;
    // the worker's
    private long written;
    private long published;
    private long knownConsumed;
    private long refused;
    // the journal thread's
    private long consumed;

    /** @param slotCount a power of two, {@link #SLOTS} */
    public FlowChangeRing(int slotCount) {
        if (Integer.bitCount(slotCount) != 1) {
            throw new IllegalArgumentException("slotCount must be a power of two, not " + slotCount);
        }
        memory = NativeMemory.allocate(SLOTS_OFFSET + (long) slotCount * FlowChangeDescriptor.LENGTH_BYTES, true);
        publishedAddress = memory.address();
        consumedAddress = publishedAddress + CONSUMED_OFFSET;
        slots = publishedAddress + SLOTS_OFFSET;
        slotMask = slotCount - 1;
    }

    /** {@return whether there was room} Worker. */
    public boolean offer(long clientHigh, long clientLow, long state, int ports, int kind, boolean ipv6) {
        if (written - knownConsumed > slotMask) {
            knownConsumed = Memory.getLongAcquire(consumedAddress);
            if (written - knownConsumed > slotMask) {
                refused++;
                return false;
            }
        }
        FlowChangeDescriptor.write(slot(written++), clientHigh, clientLow, state, ports, kind, ipv6);
        return true;
    }

    /** Shows the reader what has been written. Worker, once a burst. */
    public void publish() {
        if (published != written) {
            published = written;
            Memory.putLongRelease(publishedAddress, written);
        }
    }

    /** {@return changes that found it full} Worker. */
    public long refused() {
        return refused;
    }

    /** {@return how many slots are there to be read} Journal thread. */
    public int available() {
        return (int) (Memory.getLongAcquire(publishedAddress) - consumed);
    }

    /** {@return the address of the i-th slot of those available} Journal thread. */
    public long available(int i) {
        return slot(consumed + i);
    }

    /** Gives that many slots back. Journal thread. */
    public void consume(int count) {
        consumed += count;
        Memory.putLongRelease(consumedAddress, consumed);
    }

    private long slot(long number) {
        return slots + ((number & slotMask) << SLOT_SHIFT);
    }

    @Override
    public void close() {
        memory.close();
    }
}
