package io.l4lb.hash;

import java.util.Arrays;

/**
 * How many slots each backend gets: its exact proportional share, rounded down or up (method of the largest
 * remainder), together exactly the table.
 *
 * <pre>
 * share(b) = slotCount * weight(b) / sum of weights
 * quota(b) = floor(share(b)), plus 1 for those with the largest remainders, as many as slots are left over
 * </pre>
 *
 * <p>Equal remainders go to the backend that comes first, which for equal weights is what the paper's round robin
 * gives. Cold; any thread. Overflow: 2^24 slots * 65,535 &lt; 2^40, and 2^20 backends of weight 65,535
 * sum to &lt; 2^36, so that a remainder and the 24 bits of an order fit a {@code long}.
 */
final class SlotQuota {
    private SlotQuota() {}

    /** {@return slots per backend} All 0 if all weights are 0. */
    static int[] of(int slotCount, int[] weights) {
        long weightSum = 0;
        for (int weight : weights) {
            weightSum += weight;
        }
        int[] quota = new int[weights.length];
        if (weightSum == 0) {
            return quota;
        }
        long[] remainders = new long[weights.length];
        int left = slotCount;
        for (int backend = 0; backend < weights.length; backend++) {
            long product = (long) slotCount * weights[backend];
            quota[backend] = (int) (product / weightSum);
            left -= quota[backend];
            remainders[backend] = product % weightSum;
        }
        giveLeftOver(quota, remainders, left);
        return quota;
    }

    private static void giveLeftOver(int[] quota, long[] remainders, int left) {
        // Remainder in the high bits, and below it the order reversed, so that one sort of longs ranks both.
        long[] ranked = new long[quota.length];
        for (int backend = 0; backend < quota.length; backend++) {
            ranked[backend] = (remainders[backend] << 24) | (MaglevTable.MAX_SLOT_COUNT - 1 - backend);
        }
        Arrays.sort(ranked);
        for (int rank = 0; rank < left; rank++) {
            long entry = ranked[ranked.length - 1 - rank];
            quota[MaglevTable.MAX_SLOT_COUNT - 1 - (int) (entry & (MaglevTable.MAX_SLOT_COUNT - 1))]++;
        }
    }
}
