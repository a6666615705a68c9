package io.l4lb.bench.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.internal.chartpart.Chart;

/** Writes charts as SVG. */
public final class SvgFile {
    private static final Pattern DECIMALS = Pattern.compile("(\\.\\d\\d)\\d+");

    private SvgFile() {}

    /** Letters come as outlines with up to 15 decimals a number; a hundredth of a pixel will do, in half the bytes. */
    public static void write(Path file, Chart<?, ?> chart) throws IOException {
        VectorGraphicsEncoder.saveVectorGraphic(chart, file.toString(), VectorGraphicsFormat.SVG);
        Files.writeString(file, DECIMALS.matcher(Files.readString(file)).replaceAll("$1"), StandardCharsets.UTF_8);
    }
}
