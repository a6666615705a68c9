package io.l4lb.hash;

import java.util.Arrays;

/**
 * Fills a table from ready-made permutations: pseudocode 1 of the Maglev paper, with weights.
 *
 * <p>Backend b prefers the slots offset(b), offset(b) + skip(b), offset(b) + 2 * skip(b) … modulo the table size,
 * and at each of its turns ({@link TurnQueue}) takes the first of them that is still free. About
 * slots * ln(slots) look-ups in all (section 3.4), 0.7 million for 65,537.
 *
 * <p>{@link MaglevTableBuilder} is the usual entry. This one takes offsets and skips as they are, for the paper's
 * own examples; the order of the backends then decides ties. Cold; any thread.
 */
public final class SlotFill {
    private SlotFill() {}

    /**
     * Fills the slots turn by turn.
     *
     * @param tableSize a prime
     * @param offsets per backend, 0 .. tableSize - 1
     * @param skips per backend, 1 .. tableSize - 1
     * @param weights per backend, 0 .. 65,535
     * @throws IllegalArgumentException if one of these is not so: a permutation with gaps might never find a free slot
     */
    public static MaglevTable fill(int tableSize, int[] offsets, int[] skips, int[] weights) {
        check(tableSize, offsets, skips, weights);
        int[] backendBySlot = new int[tableSize];
        Arrays.fill(backendBySlot, MaglevTable.NO_BACKEND);
        int[] preferred = offsets.clone();
        TurnQueue turns = new TurnQueue(weights, SlotQuota.of(tableSize, weights));
        while (!turns.isEmpty()) {
            int backend = turns.take();
            int skip = skips[backend];
            int slot = preferred[backend];
            while (backendBySlot[slot] != MaglevTable.NO_BACKEND) {
                slot = after(slot, skip, tableSize);
            }
            backendBySlot[slot] = backend;
            preferred[backend] = after(slot, skip, tableSize);
        }
        return new MaglevTable(backendBySlot);
    }

    private static void check(int tableSize, int[] offsets, int[] skips, int[] weights) {
        if (!Primes.isPrime(tableSize) || tableSize > MaglevTable.MAX_SLOT_COUNT) {
            throw new IllegalArgumentException("table size " + tableSize + ": expected a prime up to 2^24");
        }
        if (offsets.length != weights.length || skips.length != weights.length) {
            throw new IllegalArgumentException("expected as many offsets and skips as weights");
        }
        for (int backend = 0; backend < weights.length; backend++) {
            boolean permutes = offsets[backend] >= 0
                    && offsets[backend] < tableSize
                    && skips[backend] > 0
                    && skips[backend] < tableSize;
            if (!permutes || weights[backend] < 0 || weights[backend] > MaglevTableBuilder.MAX_WEIGHT) {
                throw new IllegalArgumentException("backend " + backend + ": expected offset 0 to size - 1, skip 1 to"
                        + " size - 1, weight 0 to " + MaglevTableBuilder.MAX_WEIGHT);
            }
        }
    }

    private static int after(int slot, int skip, int tableSize) {
        int next = slot + skip;
        return next < tableSize ? next : next - tableSize;
    }
}
