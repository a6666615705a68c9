package io.l4lb.bench.forward;

import io.l4lb.bench.contender.Sample;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** CPU time per packet against the number of flows, a line a contender and kind of packet; bars: half the range of the rounds. */
final class ForwardPlot {
    private static final int WIDTH = 800;
    private static final int HEIGHT = 500;

    private ForwardPlot() {}

    /** The points of one line. */
    private record Line(List<Double> flows, List<Double> median, List<Double> halfRange) {
        Line() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        void add(int flowCount, Spread spread) {
            flows.add((double) flowCount);
            median.add(spread.median());
            halfRange.add((spread.max() - spread.min()) / 2);
        }
    }

    /** Writes an SVG file. */
    static void write(Path file, Map<String, String> facts, List<CellResult> results) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("Forwarding, " + facts.get("cpu") + ", "
                        + facts.get("date").substring(0, 10))
                .xAxisTitle("flows")
                .yAxisTitle("CPU ns per packet (median ± half the range)")
                .build();
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisMin(0.0);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        lines(results)
                .forEach((name, line) -> chart.addSeries(name, line.flows, line.median, line.halfRange)
                        .setMarker(SeriesMarkers.CIRCLE));
        VectorGraphicsEncoder.saveVectorGraphic(chart, file.toString(), VectorGraphicsFormat.SVG);
    }

    private static Map<String, Line> lines(List<CellResult> results) {
        Map<String, Line> lines = new LinkedHashMap<>();
        for (CellResult result : results) {
            Cell cell = result.cell();
            for (String contender : result.contenders()) {
                String name = "%s, %s %s/%s"
                        .formatted(
                                contender,
                                cell.mode(),
                                cell.family(),
                                cell.encapsulation().label());
                lines.computeIfAbsent(name, ignored -> new Line())
                        .add(cell.flows(), result.spread(contender, Sample::nsPerPacket));
            }
        }
        return lines;
    }
}
