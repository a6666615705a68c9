package io.l4lb.hash;

import java.util.Arrays;

/**
 * How many new flows of surviving backends go elsewhere when one table replaces another. (Pinned flows stay anyway;
 * this is what a node without the pin would do to them.)
 *
 * @param survivorSlots slots that belonged to a backend that is in the new table too
 * @param movedSlots those of them that belong to another backend now
 * @param unavoidableSlots those of them that any table of the new shares has to move: what survivors lost in number
 */
public record Disruption(int survivorSlots, int movedSlots, int unavoidableSlots) {
    /** The ordinal, in the new table, of a backend that is not in it. */
    public static final int GONE = -1;

    /**
     * Compares two tables.
     *
     * @param newOrdinals by old ordinal, the same backend's ordinal in {@code after}, or {@link #GONE}
     * @throws IllegalArgumentException if the tables have different numbers of slots
     */
    public static Disruption between(MaglevTable before, MaglevTable after, int[] newOrdinals) {
        if (before.slotCount() != after.slotCount()) {
            throw new IllegalArgumentException("tables of " + before.slotCount() + " and " + after.slotCount()
                    + " slots: expected the same number");
        }
        int survivorSlots = 0;
        int movedSlots = 0;
        int[] slotsBefore = new int[newOrdinals.length];
        int[] slotsAfter = new int[newOrdinals.length];
        int[] oldOrdinals = inverse(newOrdinals);
        for (int slot = 0; slot < before.slotCount(); slot++) {
            int old = before.backendAt(slot);
            int now = after.backendAt(slot);
            int survivor = old != MaglevTable.NO_BACKEND && newOrdinals[old] != GONE ? old : GONE;
            int owner = now >= 0 && now < oldOrdinals.length ? oldOrdinals[now] : GONE;
            if (survivor != GONE) {
                survivorSlots++;
                slotsBefore[survivor]++;
                movedSlots += owner == survivor ? 0 : 1;
            }
            if (owner != GONE) {
                slotsAfter[owner]++;
            }
        }
        return new Disruption(survivorSlots, movedSlots, unavoidable(slotsBefore, slotsAfter));
    }

    /** {@return the share of the survivors' slots that moved, 0 .. 1} */
    public double movedShare() {
        return survivorSlots == 0 ? 0 : (double) movedSlots / survivorSlots;
    }

    private static int[] inverse(int[] newOrdinals) {
        int highest = GONE;
        for (int ordinal : newOrdinals) {
            highest = Math.max(highest, ordinal);
        }
        int[] oldOrdinals = new int[highest + 1];
        Arrays.fill(oldOrdinals, GONE);
        for (int old = 0; old < newOrdinals.length; old++) {
            if (newOrdinals[old] != GONE) {
                oldOrdinals[newOrdinals[old]] = old;
            }
        }
        return oldOrdinals;
    }

    private static int unavoidable(int[] had, int[] has) {
        int slots = 0;
        for (int backend = 0; backend < had.length; backend++) {
            slots += Math.max(0, had[backend] - has[backend]);
        }
        return slots;
    }
}
