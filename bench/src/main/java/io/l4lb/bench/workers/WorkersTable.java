package io.l4lb.bench.workers;

import io.l4lb.bench.contender.Sample;
import io.l4lb.bench.measure.CellResult;
import io.l4lb.bench.measure.Spread;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.IntStream;

/** The report for people. */
final class WorkersTable {
    private static final String ROW = "%-14s %12s  %-8s %-24s %-24s %-20s%n";

    private WorkersTable() {}

    /** Prints the cells, of which each first one has one worker and each second one the same with {@code workers}. */
    static void print(PrintWriter out, int workers, List<CellResult> cells) {
        out.println("Each figure: min / median / max of the rounds. Ratio: CPU time per packet of " + workers
                + " workers to that of one, round by round.");
        out.println();
        out.printf(ROW, "", "flows", "", "ns, 1 worker", "ns, " + workers + " workers", "ratio");
        for (int i = 0; i < cells.size(); i += 2) {
            CellResult one = cells.get(i);
            CellResult several = cells.get(i + 1);
            for (String contender : one.contenders()) {
                boolean first = contender.equals(CellResult.JAVA);
                out.printf(
                        ROW,
                        first ? one.cell().kind() : "",
                        first ? "%,d".formatted(one.cell().traffic().flows()) : "",
                        contender,
                        one.spread(contender, Sample::nsPerPacket).text(1),
                        several.spread(contender, Sample::nsPerPacket).text(1),
                        ratio(one.samples(contender), several.samples(contender))
                                .text(2));
            }
        }
    }

    static Spread ratio(List<Sample> one, List<Sample> several) {
        return Spread.of(IntStream.range(0, one.size())
                .mapToDouble(round ->
                        several.get(round).nsPerPacket() / one.get(round).nsPerPacket())
                .toArray());
    }
}
