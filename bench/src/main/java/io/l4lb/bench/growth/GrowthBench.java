package io.l4lb.bench.growth;

import io.l4lb.bench.measure.Cell;
import io.l4lb.bench.measure.Measurement;
import io.l4lb.bench.measure.Results;
import io.l4lb.bench.measure.RunOptions;
import io.l4lb.bench.report.ResultJson;
import io.l4lb.bench.report.ResultPlot;
import io.l4lb.bench.report.ResultTable;
import io.l4lb.bench.report.Row;
import io.l4lb.net.Encapsulation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Cost per packet against what can grow: {@code ./l4lb bench growth}. */
@Command(
        name = "growth",
        mixinStandardHelpOptions = true,
        description = {
            "CPU time per packet as something grows, beside the twin in C; all else stays: 100,000 flows, 1 VIP, 100 backends,"
                    + " 60-byte frames, bursts of 32, a flow table of 4 Mi entries (more when so many flows need more).",
            "",
            "A capture of 1,000 frames stands for all flows: each time round it the client's address is another, in every"
                    + " contender. So 10 million flows take no 10 million mbufs, and the driver's part does not grow. For"
                    + " VIPs the capture has 20,000 frames.",
            "",
            "Beside flows, VIPs and backends a second line shows tables of the same size with the packets of 100 flows only:"
                    + " what grows there is no cache miss. Beside frame bytes and bursts it shows mode mac, the driver."
        })
public final class GrowthBench implements Callable<Integer> {
    private enum Family {
        IPV4,
        IPV6
    }

    private static final class GrowthConverter implements ITypeConverter<Growth> {
        @Override
        public Growth convert(String value) {
            return Growth.of(value)
                    .orElseThrow(() -> new TypeConversionException(
                            "'" + value + "': expected flows, vips, backends, frame-bytes, burst or load"));
        }
    }

    @Option(
            names = "--of",
            split = ",",
            paramLabel = "WHAT",
            converter = GrowthConverter.class,
            description =
                    "flows, vips, backends, frame-bytes (the longest whose outer packet has 1,500 bytes: 1494), burst,"
                            + " load (in percent of the entries). Default: all, one after the other.")
    private List<Growth> growths = List.of(Growth.values());

    @Option(names = "--at", split = ",", paramLabel = "N", description = "Other points, for one --of.")
    private List<Integer> points = List.of();

    @Option(names = "--family", description = "ipv4 or ipv6 (default: ipv4).")
    private Family family = Family.IPV4;

    @Option(names = "--encapsulation", description = "ipip or gue (default: ipip).")
    private Encapsulation encapsulation = Encapsulation.IPIP;

    @Option(
            names = "--plot",
            paramLabel = "FILE.svg",
            description = "CPU time per packet; of several: FILE-WHAT.svg each.")
    private Path plot;

    @Mixin
    private RunOptions options;

    @Spec
    private CommandSpec command;

    private record Point(Growth growth, int at, Cell cell) {}

    @Override
    public Integer call() throws IOException {
        if (!points.isEmpty() && growths.size() != 1) {
            throw new ParameterException(command.commandLine(), "--at: the points are of one --of, not of several");
        }
        List<List<Point>> turns = growths.stream()
                .flatMap(growth -> points(growth).stream().map(at -> turn(growth, at)))
                .toList();
        List<List<Cell>> cells = turns.stream()
                .map(turn -> turn.stream().map(Point::cell).toList())
                .toList();
        List<Point> all = turns.stream().flatMap(List::stream).toList();
        return Measurement.run(command, options, cells, (results, out) -> report(all, results, out));
    }

    private List<Integer> points(Growth growth) {
        return points.isEmpty() ? growth.points() : points;
    }

    /** {@return what is measured in turns at that point} */
    private List<Point> turn(Growth growth, int at) {
        try {
            Cell cell = growth.cell(encapsulation, family == Family.IPV6, at);
            List<Point> turn = new ArrayList<>(List.of(new Point(growth, at, cell)));
            growth.control(cell).ifPresent(control -> turn.add(new Point(growth, at, control)));
            return turn;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--at " + at + ": " + e.getMessage(), e);
        }
    }

    private void report(List<Point> all, Results results, PrintWriter out) throws IOException {
        ResultTable.printFacts(out, results.facts());
        for (Growth growth : growths) {
            List<Row> rows = new ArrayList<>();
            for (int i = 0; i < all.size(); i++) {
                Point point = all.get(i);
                if (point.growth == growth) {
                    rows.add(new Row(
                            Growth.series(point.cell), point.at, results.cells().get(i)));
                }
            }
            ResultTable.print(out, growth.label(), rows);
            if (plot != null) {
                ResultPlot.Axis axis = new ResultPlot.Axis(growth.title(), growth.logarithmic());
                ResultPlot.write(plotOf(growth), results.facts(), axis, rows);
            }
        }
        if (options.json().isPresent()) {
            ResultJson.write(options.json().get(), results);
        }
    }

    private Path plotOf(Growth growth) {
        String name = plot.getFileName().toString();
        return growths.size() == 1
                ? plot
                : plot.resolveSibling(name.replaceFirst("(\\.svg)?$", "-" + growth.label() + ".svg"));
    }
}
