package io.l4lb.bench.measure;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Least, middle and greatest of some rounds. */
public record Spread(double min, double median, double max) {
    public static Spread of(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(sorted[0], median, sorted[sorted.length - 1]);
    }

    public static Spread of(List<Double> values) {
        return of(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** {@return the three with so many decimals} */
    public String text(int decimals) {
        String format = "%." + decimals + "f";
        return (format + " / " + format + " / " + format).formatted(min, median, max);
    }

    public Map<String, Double> toMap() {
        return Map.of("min", min, "median", median, "max", max);
    }
}
