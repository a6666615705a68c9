package io.l4lb.bench.forward;

import io.l4lb.bench.contender.Sample;
import io.l4lb.bench.measure.CellResult;
import io.l4lb.bench.report.SvgFile;
import io.l4lb.bench.shape.Mode;
import io.l4lb.bench.shape.Replicated;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Cost of replicating nothing, established flows only, every SYN, side by side: the worker's and on top of it the journal thread's. */
final class ReplicationPlot {
    private static final int WIDTH = 1000;
    private static final int HEIGHT = 560;
    private static final int LABEL_DEGREES = 30;

    private ReplicationPlot() {}

    /** Writes an SVG file. */
    static void write(Path file, Map<String, String> facts, List<CellResult> cells) throws IOException {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("Cost of replicating, " + facts.get("cpu") + ", "
                        + facts.get("date").substring(0, 10))
                .xAxisTitle("packets, and which flows are replicated")
                .yAxisTitle("CPU ns per packet (medians)")
                .build();
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setStacked(true);
        chart.getStyler().setYAxisMin(0.0);
        chart.getStyler().setXAxisLabelRotation(LABEL_DEGREES);
        chart.getStyler().setLegendPosition(LegendPosition.InsideNW);
        List<String> names = cells.stream().map(ReplicationPlot::name).toList();
        chart.addSeries("worker", names, medians(cells, Sample::nsPerPacket));
        chart.addSeries("journal thread", names, medians(cells, Sample::journalNsPerPacket));
        SvgFile.write(file, chart);
    }

    private static List<Double> medians(List<CellResult> cells, ToDoubleFunction<Sample> of) {
        return cells.stream()
                .map(cell -> cell.spread(CellResult.JAVA, of).median())
                .toList();
    }

    private static String name(CellResult result) {
        return "%s %s: %s"
                .formatted(
                        packets(result.cell().mode()),
                        result.cell().family(),
                        replicated(result.cell().replicated()));
    }

    private static String packets(Mode mode) {
        return switch (mode) {
            case NEW -> "SYNs";
            case SHORT -> "connections of 64";
            default -> "known flows";
        };
    }

    private static String replicated(Replicated replicated) {
        return switch (replicated) {
            case OFF -> "none";
            case ESTABLISHED -> "established";
            case ALL -> "every SYN";
        };
    }
}
