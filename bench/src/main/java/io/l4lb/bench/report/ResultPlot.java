package io.l4lb.bench.report;

import io.l4lb.bench.contender.Sample;
import io.l4lb.bench.measure.CellResult;
import io.l4lb.bench.measure.Spread;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** CPU time per packet against something, a line for each contender and series; bars: half the range of the rounds. */
public final class ResultPlot {
    private static final int WIDTH = 800;
    private static final int HEIGHT = 500;

    private ResultPlot() {}

    /** The horizontal axis. */
    public record Axis(String title, boolean logarithmic) {}

    /** The points of one line. */
    private record Line(List<Double> x, List<Double> median, List<Double> halfRange) {
        Line() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        void add(int at, Spread spread) {
            x.add((double) at);
            median.add(spread.median());
            halfRange.add((spread.max() - spread.min()) / 2);
        }
    }

    /** Writes an SVG file. */
    public static void write(Path file, Map<String, String> facts, Axis axis, List<Row> rows) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("Forwarding, " + facts.get("cpu") + ", "
                        + facts.get("date").substring(0, 10))
                .xAxisTitle(axis.title())
                .yAxisTitle("CPU ns per packet (median ± half the range)")
                .build();
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setXAxisLogarithmic(axis.logarithmic());
        chart.getStyler().setYAxisMin(0.0);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        lines(rows)
                .forEach((name, line) -> chart.addSeries(name, line.x, line.median, line.halfRange)
                        .setMarker(SeriesMarkers.CIRCLE));
        SvgFile.write(file, chart);
    }

    private static Map<String, Line> lines(List<Row> rows) {
        Map<String, Line> lines = new LinkedHashMap<>();
        for (Row row : rows) {
            CellResult result = row.result();
            for (String contender : result.contenders()) {
                lines.computeIfAbsent(contender + ", " + row.series(), ignored -> new Line())
                        .add(row.x(), result.spread(contender, Sample::nsPerPacket));
            }
        }
        return lines;
    }
}
