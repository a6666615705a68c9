package io.l4lb.hash;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Makes a {@link MaglevTable} from identities and weights, the same one whatever the order of the calls and whatever
 * the node: backends are ranked by their identity before slots are handed out.
 *
 * <p>Cold; one thread; may be built more than once. Bounded by {@link #MAX_BACKEND_COUNT}. Takes a few milliseconds for 65,537 slots and
 * 1,000 backends.
 */
public final class MaglevTableBuilder {
    /** Keeps the ranking of remainders inside 64 bits, see {@link SlotQuota}. */
    public static final int MAX_BACKEND_COUNT = 1 << 20;

    public static final int MAX_WEIGHT = 65_535;

    private final int tableSize;
    private final List<Entry> entries = new ArrayList<>();
    private final Set<Entry> identities = new HashSet<>();

    /** @throws IllegalArgumentException if the size is not a prime of 2 .. {@link MaglevTable#MAX_SLOT_COUNT} */
    public MaglevTableBuilder(int tableSize) {
        if (tableSize < 2 || tableSize > MaglevTable.MAX_SLOT_COUNT) {
            throw new IllegalArgumentException("table size " + tableSize + ": expected a prime from 2 to "
                    + MaglevTable.MAX_SLOT_COUNT + ", such as 65537");
        }
        if (!Primes.isPrime(tableSize)) {
            throw new IllegalArgumentException(
                    "table size " + tableSize + ": expected a prime; the next one is " + Primes.nextPrime(tableSize));
        }
        this.tableSize = tableSize;
    }

    /**
     * Adds a backend; its ordinal in the table is the number of backends added before it.
     *
     * @param identity what all nodes know the backend by and no other backend has: the bytes of its address, in
     *     network order; copied
     * @param weight its share relative to the others, 0 .. {@link #MAX_WEIGHT}; 0: no slot, but it keeps its ordinal
     * @throws IllegalArgumentException if the weight is out of range, or the identity empty or there already
     */
    public MaglevTableBuilder add(byte[] identity, int weight) {
        if (weight < 0 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight " + weight + ": expected 0 to " + MAX_WEIGHT);
        }
        if (identity.length == 0) {
            throw new IllegalArgumentException("empty identity: expected the bytes of the backend's address");
        }
        if (entries.size() == MAX_BACKEND_COUNT) {
            throw new IllegalArgumentException("expected at most " + MAX_BACKEND_COUNT + " backends");
        }
        Entry entry = new Entry(identity.clone(), weight, entries.size());
        if (!identities.add(entry)) {
            throw new IllegalArgumentException(
                    "identity " + Arrays.toString(identity) + " added twice: expected one backend per identity");
        }
        entries.add(entry);
        return this;
    }

    /** {@return the table} Empty ({@link MaglevTable#isEmpty}) if there is no backend of weight above 0. */
    public MaglevTable build() {
        Entry[] ranked = entries.stream()
                .filter(entry -> entry.weight > 0)
                .sorted(Comparator.comparing(entry -> entry.identity, Arrays::compareUnsigned))
                .toArray(Entry[]::new);
        int[] offsets = new int[ranked.length];
        int[] skips = new int[ranked.length];
        int[] weights = new int[ranked.length];
        for (int rank = 0; rank < ranked.length; rank++) {
            offsets[rank] = IdentityHash.offset(ranked[rank].identity, tableSize);
            skips[rank] = IdentityHash.skip(ranked[rank].identity, tableSize);
            weights[rank] = ranked[rank].weight;
        }
        MaglevTable byRank = SlotFill.fill(tableSize, offsets, skips, weights);
        return byRank.isEmpty() ? byRank : byOrdinal(byRank, ranked);
    }

    private MaglevTable byOrdinal(MaglevTable byRank, Entry[] ranked) {
        int[] ordinalBySlot = new int[tableSize];
        for (int slot = 0; slot < tableSize; slot++) {
            ordinalBySlot[slot] = ranked[byRank.backendAt(slot)].ordinal;
        }
        return new MaglevTable(ordinalBySlot);
    }

    /** Equal to another if the identities are. */
    private static final class Entry {
        private final byte[] identity;
        private final int weight;
        private final int ordinal;

        Entry(byte[] identity, int weight, int ordinal) {
            this.identity = identity;
            this.weight = weight;
            this.ordinal = ordinal;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Entry entry && Arrays.equals(identity, entry.identity);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(identity);
        }
    }
}
