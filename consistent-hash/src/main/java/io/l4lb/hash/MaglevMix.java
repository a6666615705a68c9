package io.l4lb.hash;

import java.util.Arrays;
import java.util.List;

/**
 * Several Maglev tables as one, by weight: a table of tables says which of them has a slot, and the slot's backend is what that table has
 * there. So a change of the tables' weights moves slots between tables, and none between the backends of one. Immutable.
 */
public final class MaglevMix {
    private final MaglevTable tables;
    private final int[] slotCounts;

    private MaglevMix(MaglevTable tables, int[] slotCounts) {
        this.tables = tables;
        this.slotCounts = slotCounts;
    }

    /**
     * {@return the mix of some tables}
     *
     * @param identities what all nodes know the tables by, each its own
     * @param weights their shares, 0 to {@link MaglevTableBuilder#MAX_WEIGHT}
     * @param size slots of the whole, a prime, the same whatever becomes of the tables: another size would move all
     * @param slotCounts of each table; 0: it has no backend, and the others have its share
     */
    public static MaglevMix of(List<byte[]> identities, List<Integer> weights, int size, int... slotCounts) {
        MaglevTableBuilder builder = new MaglevTableBuilder(size);
        for (int i = 0; i < slotCounts.length; i++) {
            builder.add(identities.get(i), slotCounts[i] == 0 ? 0 : weights.get(i));
        }
        return new MaglevMix(builder.build(), Arrays.copyOf(slotCounts, slotCounts.length));
    }

    /** {@return slots of the whole; 0: no table has a backend and a weight} */
    public int slotCount() {
        return tables.isEmpty() ? 0 : tables.slotCount();
    }

    /** {@return index of the table that has that slot} */
    public int tableAt(int slot) {
        return tables.backendAt(slot);
    }

    /** {@return the slot of {@link #tableAt} that stands there} */
    public int slotInTable(int slot) {
        return slot % slotCounts[tableAt(slot)];
    }
}
