package io.l4lb.hash;

/**
 * How evenly a table shares its slots out. A backend's load is slots / (slotCount * weight / sum of weights): 1 is
 * exactly its share. Backends of weight 0 are left out.
 *
 * @param maxOverMean load of the most loaded backend; 1 is perfect, the paper's overprovision factor (section 5.3)
 * @param minOverMean load of the least loaded backend
 * @param standardDeviation of the loads, over all backends
 */
public record Balance(double maxOverMean, double minOverMean, double standardDeviation) {
    /**
     * Measures a table.
     *
     * @param table not empty
     * @param weights by ordinal, as the table was built
     */
    public static Balance of(MaglevTable table, int[] weights) {
        if (table.isEmpty()) {
            throw new IllegalArgumentException("empty table: expected one with backends of weight above 0");
        }
        int[] slots = table.slotCounts(weights.length);
        long weightSum = 0;
        for (int weight : weights) {
            weightSum += weight;
        }
        double max = 0;
        double min = Double.POSITIVE_INFINITY;
        double squares = 0;
        int counted = 0;
        for (int backend = 0; backend < weights.length; backend++) {
            if (weights[backend] > 0) {
                double load = slots[backend] * (double) weightSum / ((double) table.slotCount() * weights[backend]);
                max = Math.max(max, load);
                min = Math.min(min, load);
                squares += (load - 1) * (load - 1);
                counted++;
            }
        }
        return new Balance(max, min, Math.sqrt(squares / counted));
    }
}
