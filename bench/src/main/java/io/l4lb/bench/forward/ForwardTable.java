package io.l4lb.bench.forward;

import io.l4lb.bench.contender.Sample;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

/** The report for people. */
final class ForwardTable {
    private static final String ROW = "%-7s %-10s %12s  %-8s %-24s %-24s %-20s %8s %14s %12s %12s %8s%n";

    private ForwardTable() {}

    static void print(PrintWriter out, Map<String, String> facts, List<CellResult> results) {
        facts.forEach((name, value) -> out.printf("%s: %s%n", name, value));
        out.println("Each figure: min / median / max of the rounds. Ratio: CPU time per packet, Java to that contender,"
                + " round by round. Counts: median of the rounds.");
        out.println();
        out.printf(
                ROW,
                "mode",
                "packets",
                "flows",
                "",
                "CPU ns/packet",
                "Mpps",
                "ratio",
                "B/packet",
                "hits",
                "misses",
                "evictions",
                "drops");
        results.forEach(result -> printCell(out, result));
    }

    private static void printCell(PrintWriter out, CellResult result) {
        Cell cell = result.cell();
        for (String contender : result.contenders()) {
            boolean first = contender.equals(CellResult.JAVA);
            out.printf(
                    ROW,
                    first ? cell.mode() : "",
                    first ? cell.family() + "/" + cell.encapsulation().label() : "",
                    first ? "%,d".formatted(cell.flows()) : "",
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

    private static String count(CellResult result, String contender, java.util.function.ToLongFunction<Sample> value) {
        return "%,d"
                .formatted((long) result.spread(contender, value::applyAsLong).median());
    }
}
