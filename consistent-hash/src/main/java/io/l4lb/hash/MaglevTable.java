package io.l4lb.hash;

/**
 * Which backend each slot belongs to: hash of a flow, to slot, to the backend's ordinal (its position in the order
 * of {@link MaglevTableBuilder#add}).
 *
 * <p>Immutable, so that any thread may look up and a worker may swap it for another by one pointer. Look-up is one
 * multiplication and one load; the default of 65,537 slots takes 256 KiB. Stage: pin.
 */
public final class MaglevTable {
    /** What {@link #backendAt} answers in a table without backends. */
    public static final int NO_BACKEND = -1;

    /** Bounds the memory of a table (64 MiB): the largest prime size is 16,777,213. */
    public static final int MAX_SLOT_COUNT = 1 << 24;

    private final int[] backendBySlot;

    /** Takes the array over; nobody else may keep it. */
    MaglevTable(int[] backendBySlot) {
        this.backendBySlot = backendBySlot;
    }

    /**
     * {@return the slot of a flow} All 64 bits of the hash count, evenly: the high ones most, as in a fraction of 1.
     *
     * @param hash any 64-bit hash of the flow, well mixed
     * @param slotCount 1 or more
     */
    public static int slotOf(long hash, int slotCount) {
        return (int) Math.unsignedMultiplyHigh(hash, slotCount);
    }

    public int slotCount() {
        return backendBySlot.length;
    }

    /** {@return the ordinal of the backend that owns {@code slot}, or {@link #NO_BACKEND} if the table is empty} */
    public int backendAt(int slot) {
        return backendBySlot[slot];
    }

    /** {@return whether no backend has a weight above 0: then there is nowhere to send a new flow} */
    public boolean isEmpty() {
        return backendBySlot[0] == NO_BACKEND;
    }

    /** {@return the number of slots of each backend, by ordinal} */
    public int[] slotCounts(int backendCount) {
        int[] counts = new int[backendCount];
        if (!isEmpty()) {
            for (int backend : backendBySlot) {
                counts[backend]++;
            }
        }
        return counts;
    }
}
