package io.l4lb.bench.stall;

import io.l4lb.bench.gaps.GapCause;
import io.l4lb.bench.gaps.GapHistograms;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** The report for people. */
final class StallTable {
    private static final String ROW = "%-22s %12s %7s %7s %7s %8s %9s  %8s %8s  %9s %9s  %-21s %-21s%n";
    private static final double PERCENT = 100;

    private StallTable() {}

    static void print(PrintWriter out, Map<String, String> facts, List<StallResult> results) {
        facts.forEach((name, value) -> out.printf("%s: %s%n", name, value));
        out.println(
                "Gaps between passes in us, all rounds together. By passes: so many passes came no later. By time: so much of"
                        + " the time lies in no longer gap, which is what a packet meets. >275: share of the time in gaps that a ring"
                        + " of 4,096 at 14.88 Mpps does not hold; lost: share of packets at that rate. stopped: by the JVM at a"
                        + " safepoint; preempted: by the kernel (number, longest).");
        out.println();
        out.printf(ROW, "", "", "by", "passes", "", "", "", "by time", "", "", "", "", "");
        out.printf(
                ROW,
                "",
                "passes",
                "p50",
                "p99",
                "p99.9",
                "p99.99",
                "max",
                "p99.9",
                "p99.99",
                ">275",
                "lost",
                "stopped",
                "preempted");
        results.forEach(result -> printRow(out, result));
        out.println();
        results.forEach(result -> printLoad(out, result));
        out.println();
        printTarget(out, results);
    }

    private static void printRow(PrintWriter out, StallResult result) {
        GapHistograms gaps = result.gaps();
        Histogram all = gaps.all();
        TimeWeight time = new TimeWeight(all);
        out.printf(
                ROW,
                result.name(),
                "%,d".formatted(all.getTotalCount()),
                us(all.getValueAtPercentile(50)),
                us(all.getValueAtPercentile(99)),
                us(all.getValueAtPercentile(99.9)),
                us(all.getValueAtPercentile(99.99)),
                us(all.getMaxValue()),
                us(time.gapNsAt(0.999)),
                us(time.gapNsAt(0.9999)),
                percent(time.shareInLongGaps()),
                percent(time.shareLost()),
                cause(gaps, GapCause.STOPPED),
                cause(gaps, GapCause.PREEMPTED));
    }

    private static String us(long ns) {
        return String.format(Locale.ROOT, "%.1f", ns / StallResult.NANOS_PER_MICRO);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.4f%%", share * PERCENT);
    }

    private static String cause(GapHistograms gaps, GapCause cause) {
        Histogram histogram = gaps.of(cause);
        return histogram.getTotalCount() == 0
                ? "0"
                : "%,d, %s".formatted(histogram.getTotalCount(), us(histogram.getMaxValue()));
    }

    private static void printLoad(PrintWriter out, StallResult result) {
        out.printf(
                Locale.ROOT,
                "%-22s %.1f Mpps; %.0f MB/s allocated, %.2f reloads/s, counters read %.2f times/s; the worker allocated %,.0f B%n",
                result.name(),
                result.perSecond(StallSample::packets) / 1e6,
                result.perSecond(StallSample::allocatedBytes) / 1e6,
                result.perSecond(StallSample::reloads),
                result.perSecond(StallSample::counterReads),
                result.samples().stream().mapToDouble(StallSample::workerBytes).sum());
    }

    private static void printTarget(PrintWriter out, List<StallResult> results) {
        out.println("p99.99 in us above the floor, round by round, min / median / max (target: 250)");
        List<StallResult> floors =
                results.stream().filter(result -> !result.isJava()).toList();
        for (StallResult result : results) {
            if (result.isJava()) {
                floors.forEach(floor -> out.printf(
                        "%-22s above %-10s by passes %-26s by time %s%n",
                        result.name(),
                        floor.name(),
                        result.above(floor, StallResult::byPassUs).text(1),
                        result.above(floor, StallResult::byTimeUs).text(1)));
            }
        }
    }
}
