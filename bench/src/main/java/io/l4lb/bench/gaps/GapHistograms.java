package io.l4lb.bench.gaps;

import java.io.PrintStream;
import java.util.EnumMap;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * Gaps between passes in nanoseconds, one histogram a cause, to three decimal digits, up to 100 s. Never grows. One
 * writer.
 */
public final class GapHistograms {
    /** Begins the line of one cause: {@code GAPS stopped 120034:1 130211:2}. */
    public static final String LINE_START = "GAPS ";

    private static final long MAX_NS = 100_000_000_000L;
    private static final int DIGITS = 3;

    private final Map<GapCause, Histogram> byCause = new EnumMap<>(GapCause.class);

    public GapHistograms() {
        for (GapCause cause : GapCause.values()) {
            byCause.put(cause, new Histogram(MAX_NS, DIGITS));
        }
    }

    /** {@return the histogram of that cause} */
    public Histogram of(GapCause cause) {
        return byCause.get(cause);
    }

    /** {@return all gaps, whatever their cause} */
    public Histogram all() {
        Histogram all = new Histogram(MAX_NS, DIGITS);
        byCause.values().forEach(all::add);
        return all;
    }

    /** Adds what another has. */
    public void add(GapHistograms other) {
        byCause.forEach((cause, histogram) -> histogram.add(other.of(cause)));
    }

    /** Writes a line a cause, as the floor in C does. */
    void print(PrintStream out) {
        byCause.forEach((cause, histogram) -> {
            StringBuilder line = new StringBuilder(LINE_START).append(cause.label());
            for (HistogramIterationValue value : histogram.recordedValues()) {
                line.append(' ')
                        .append(value.getValueIteratedTo())
                        .append(':')
                        .append(value.getCountAtValueIteratedTo());
            }
            out.println(line);
        });
    }

    /** Adds the line of one cause that a contender has written. */
    public void parse(String line) {
        String[] words = line.substring(LINE_START.length()).split(" ", -1);
        Histogram histogram = byCause.get(GapCause.valueOf(words[0].toUpperCase(java.util.Locale.ROOT)));
        for (int i = 1; i < words.length; i++) {
            int colon = words[i].indexOf(':');
            histogram.recordValueWithCount(
                    Math.min(Long.parseLong(words[i].substring(0, colon)), MAX_NS),
                    Long.parseLong(words[i].substring(colon + 1)));
        }
    }

    /** Worker thread. */
    void record(GapCause cause, long gapNs) {
        byCause.get(cause).recordValue(Math.min(gapNs, MAX_NS));
    }
}
