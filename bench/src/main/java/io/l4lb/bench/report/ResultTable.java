package io.l4lb.bench.report;

import io.l4lb.bench.contender.Sample;
import io.l4lb.bench.measure.CellResult;
import io.l4lb.bench.measure.Spread;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** The report for people. */
public final class ResultTable {
    private static final String ROW = "%-26s %14s %10s  %-8s %-24s %-24s %-20s %8s %14s %12s %12s %8s%n";

    private ResultTable() {}

    /** Prints machine and run. */
    public static void printFacts(PrintWriter out, Map<String, String> facts) {
        facts.forEach((name, value) -> out.printf("%s: %s%n", name, value));
    }

    /** Prints a line for each contender of each row; {@code xTitle} says what x is. */
    public static void print(PrintWriter out, String xTitle, List<Row> rows) {
        out.println("Each figure: min / median / max of the rounds. Ratio: CPU time per packet, Java to that contender,"
                + " round by round. Counts: median of the rounds. Table: MiB of a worker's flow table.");
        out.println();
        out.printf(
                ROW,
                "",
                xTitle,
                "table",
                "",
                "CPU ns/packet",
                "Mpps",
                "ratio",
                "B/packet",
                "hits",
                "misses",
                "evictions",
                "drops");
        rows.forEach(row -> print(out, row));
    }

    private static void print(PrintWriter out, Row row) {
        CellResult result = row.result();
        for (String contender : result.contenders()) {
            boolean first = contender.equals(CellResult.JAVA);
            out.printf(
                    ROW,
                    first ? row.series() : "",
                    first ? "%,d".formatted(row.x()) : "",
                    first ? "%,d".formatted(result.cell().flowTableBytes() >> 20) : "",
                    contender,
                    result.spread(contender, Sample::nsPerPacket).text(1),
                    result.spread(contender, Sample::mpps).text(1),
                    first ? "" : Spread.of(result.ratios(contender)).text(2),
                    "%.3f"
                            .formatted(result.spread(contender, Sample::bytesPerPacket)
                                    .median()),
                    count(result, contender, Sample::hits),
                    count(result, contender, Sample::misses),
                    count(result, contender, Sample::evictions),
                    count(result, contender, Sample::drops));
        }
    }

    private static String count(CellResult result, String contender, ToLongFunction<Sample> value) {
        return "%,d"
                .formatted((long) result.spread(contender, value::applyAsLong).median());
    }
}
