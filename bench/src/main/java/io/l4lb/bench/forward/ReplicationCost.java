package io.l4lb.bench.forward;

import io.l4lb.bench.contender.Sample;
import io.l4lb.bench.measure.CellResult;
import io.l4lb.bench.measure.Spread;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.IntStream;

/** What replicating costs a packet: the cells of a turn against its first one, round by round. */
final class ReplicationCost {
    private static final String ROW = "%-26s %10s  %-22s %-22s %-22s %12s %12s %12s%n";

    private ReplicationCost() {}

    /** Prints a line for each cell; each {@code perTurn} of them took turns. */
    static void print(PrintWriter out, List<CellResult> cells, int perTurn) {
        out.println();
        out.println(
                "Java's worker alone, each turn against its first, and the journal thread. Told, untold: changes of flows a"
                        + " second that the journal took, and that found the ring full, in the median round.");
        out.printf(ROW, "", "flows", "CPU ns/packet", "ratio", "journal's ns/packet", "misses", "told/s", "untold/s");
        for (int i = 0; i < cells.size(); i++) {
            CellResult result = cells.get(i);
            boolean first = i % perTurn == 0;
            out.printf(
                    ROW,
                    result.cell().kind(),
                    "%,d".formatted(result.cell().traffic().flows()),
                    result.spread(CellResult.JAVA, Sample::nsPerPacket).text(1),
                    first ? "" : ratio(cells.get(i / perTurn * perTurn), result).text(3),
                    result.spread(CellResult.JAVA, Sample::journalNsPerPacket).text(1),
                    count(result.spread(CellResult.JAVA, Sample::misses)),
                    count(result.spread(CellResult.JAVA, Sample::journaledPerSecond)),
                    count(result.spread(CellResult.JAVA, sample -> sample.untold() * 1e9 / sample.wallNs())));
        }
    }

    private static String count(Spread spread) {
        return "%,d".formatted((long) spread.median());
    }

    private static Spread ratio(CellResult first, CellResult other) {
        List<Sample> ones = first.samples(CellResult.JAVA);
        List<Sample> others = other.samples(CellResult.JAVA);
        return Spread.of(IntStream.range(0, ones.size())
                .mapToDouble(round ->
                        others.get(round).nsPerPacket() / ones.get(round).nsPerPacket())
                .toArray());
    }
}
