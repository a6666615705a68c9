package io.l4lb.hash;

import java.math.BigInteger;

/**
 * A weighted Maglev table as slow and as plain as possible: whole permutations as in the paper, every turn found by
 * a scan over all backends, fractions compared exactly.
 */
final class ReferenceModel {
    private ReferenceModel() {}

    static int[] fill(int tableSize, int[] offsets, int[] skips, int[] weights) {
        int[] quota = quota(tableSize, weights);
        int[] slots = new int[tableSize];
        java.util.Arrays.fill(slots, MaglevTable.NO_BACKEND);
        int[] taken = new int[weights.length];
        int[][] permutation = permutations(tableSize, offsets, skips);
        int[] next = new int[weights.length];
        int backend = nextTurn(taken, quota, weights);
        while (backend >= 0) {
            while (slots[permutation[backend][next[backend]]] >= 0) {
                next[backend]++;
            }
            slots[permutation[backend][next[backend]]] = backend;
            taken[backend]++;
            backend = nextTurn(taken, quota, weights);
        }
        return slots;
    }

    static int[] quota(int tableSize, int[] weights) {
        BigInteger sum = BigInteger.ZERO;
        for (int weight : weights) {
            sum = sum.add(BigInteger.valueOf(weight));
        }
        int[] quota = new int[weights.length];
        if (sum.signum() == 0) {
            return quota;
        }
        BigInteger[] remainder = new BigInteger[weights.length];
        int left = tableSize;
        for (int backend = 0; backend < weights.length; backend++) {
            BigInteger[] share = BigInteger.valueOf(tableSize)
                    .multiply(BigInteger.valueOf(weights[backend]))
                    .divideAndRemainder(sum);
            quota[backend] = share[0].intValueExact();
            remainder[backend] = share[1];
            left -= quota[backend];
        }
        for (; left > 0; left--) {
            int largest = 0;
            for (int backend = 1; backend < weights.length; backend++) {
                largest = remainder[backend].compareTo(remainder[largest]) > 0 ? backend : largest;
            }
            quota[largest]++;
            remainder[largest] = BigInteger.ONE.negate();
        }
        return quota;
    }

    private static int[][] permutations(int tableSize, int[] offsets, int[] skips) {
        int[][] permutation = new int[offsets.length][tableSize];
        for (int backend = 0; backend < offsets.length; backend++) {
            for (int j = 0; j < tableSize; j++) {
                permutation[backend][j] = (int) ((offsets[backend] + (long) j * skips[backend]) % tableSize);
            }
        }
        return permutation;
    }

    /** The backend with the smallest (2 * taken + 1) / weight that has slots to get, the first among equals; or -1. */
    private static int nextTurn(int[] taken, int[] quota, int[] weights) {
        int first = -1;
        for (int backend = 0; backend < weights.length; backend++) {
            boolean mayTake = taken[backend] < quota[backend];
            if (mayTake
                    && (first < 0
                            || (2L * taken[backend] + 1) * weights[first]
                                    < (2L * taken[first] + 1) * weights[backend])) {
                first = backend;
            }
        }
        return first;
    }
}
