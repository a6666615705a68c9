package io.l4lb.bench.stall;

import io.l4lb.bench.gaps.GapHistograms;
import io.l4lb.bench.measure.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** The rounds of one contender, and all of them together. */
final class StallResult {
    static final double NANOS_PER_MICRO = 1e3;
    static final double TARGET_PERCENTILE = 99.99;
    private static final double PERCENT = 100;

    private final String name;
    private final boolean java;
    private final List<StallSample> samples = new ArrayList<>();

    StallResult(String name, boolean java) {
        this.name = name;
        this.java = java;
    }

    void add(StallSample sample) {
        samples.add(sample);
    }

    String name() {
        return name;
    }

    boolean isJava() {
        return java;
    }

    List<StallSample> samples() {
        return samples;
    }

    /** {@return the gaps of all rounds} */
    GapHistograms gaps() {
        GapHistograms sum = new GapHistograms();
        samples.forEach(sample -> sum.add(sample.gaps()));
        return sum;
    }

    /** {@return p99.99 of a round, in microseconds, counted by passes} */
    static double byPassUs(StallSample sample) {
        return sample.gaps().all().getValueAtPercentile(TARGET_PERCENTILE) / NANOS_PER_MICRO;
    }

    /** {@return p99.99 of a round, in microseconds, weighed by time} */
    static double byTimeUs(StallSample sample) {
        return new TimeWeight(sample.gaps().all()).gapNsAt(TARGET_PERCENTILE / PERCENT) / NANOS_PER_MICRO;
    }

    /** {@return what this contender's rounds have above the floor's, round by round} */
    Spread above(StallResult floor, ToDoubleFunction<StallSample> value) {
        double[] differences = new double[samples.size()];
        for (int round = 0; round < differences.length; round++) {
            differences[round] =
                    value.applyAsDouble(samples.get(round)) - value.applyAsDouble(floor.samples.get(round));
        }
        return Spread.of(differences);
    }

    /** {@return a count's sum over the rounds, a second} */
    double perSecond(ToDoubleFunction<StallSample> count) {
        double seconds = samples.stream().mapToDouble(StallSample::wallNs).sum() / 1e9;
        return samples.stream().mapToDouble(count).sum() / seconds;
    }

    Histogram all() {
        return gaps().all();
    }
}
