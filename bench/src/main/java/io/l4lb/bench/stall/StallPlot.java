package io.l4lb.bench.stall;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The gap that a packet meets against how rare it is: one packet in so many meets a longer one. A line a contender. */
final class StallPlot {
    private static final int WIDTH = 800;
    private static final int HEIGHT = 500;
    private static final int DECADES = 6;
    private static final int STEPS_A_DECADE = 20;

    private StallPlot() {}

    /** Writes an SVG file. */
    static void write(Path file, Map<String, String> facts, List<StallResult> results) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("Gaps of a polling loop, " + facts.get("cpu") + ", "
                        + facts.get("date").substring(0, 10))
                .xAxisTitle("one packet in so many comes in a longer gap")
                .yAxisTitle("gap, us")
                .build();
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        results.forEach(result -> add(chart, result));
        VectorGraphicsEncoder.saveVectorGraphic(chart, file.toString(), VectorGraphicsFormat.SVG);
    }

    private static void add(XYChart chart, StallResult result) {
        TimeWeight time = new TimeWeight(result.all());
        List<Double> oneIn = new ArrayList<>();
        List<Double> gapsUs = new ArrayList<>();
        for (int step = 0; step <= DECADES * STEPS_A_DECADE; step++) {
            double rarity = Math.pow(10, (double) step / STEPS_A_DECADE);
            oneIn.add(rarity);
            gapsUs.add(Math.max(1, time.gapNsAt(1 - 1 / rarity)) / StallResult.NANOS_PER_MICRO);
        }
        chart.addSeries(result.name(), oneIn, gapsUs).setMarker(SeriesMarkers.NONE);
    }
}
