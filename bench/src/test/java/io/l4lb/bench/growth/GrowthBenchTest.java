package io.l4lb.bench.growth;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.l4lb.bench.measure.Cell;
import io.l4lb.net.Encapsulation;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** Tiny runs, so that the benchmark cannot rot; what they measure is of no account here. */
class GrowthBenchTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"flows,20000", "vips,10", "backends,700", "frame-bytes,1494", "burst,1", "load,1"})
    void everyContenderForwardsEveryFlowOfEachPoint(String of, String at) throws IOException {
        Path json = directory.resolve("result.json");
        Path plot = directory.resolve("result.svg");
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> arguments = Stream.concat(
                        Stream.of("--seconds 0.2 --warm-up 0.1 --rounds 1 --no-huge".split(" ", -1)),
                        Stream.of("--of", of, "--at", at, "--json", "" + json, "--plot", "" + plot))
                .toList();
        int exitCode = run(arguments, out, err);
        assertThat(exitCode).as(err::toString).isZero();
        assertThat(out.toString()).contains("dpdk: DPDK ").contains("lb ipv4/ipip");
        assertThat(plot).content().contains("<svg");
        for (Map<String, Object> cell : cells(json)) {
            assertThat(number(cell, "captured")).isLessThanOrEqualTo(of.equals("vips") ? 20_000 : 1000);
            for (Map<String, Object> sample : samples(cell)) {
                assertThat(number(sample, "packets")).isPositive();
                assertThat(number(sample, "drops")).isZero();
                if (cell.get("mode").equals("lb")) {
                    assertThat(number(sample, "hits") + number(sample, "misses"))
                            .isEqualTo(number(sample, "packets"));
                    assertThat(number(sample, "misses")).isLessThanOrEqualTo(number(cell, "flows"));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"--of clouds,'expected flows, vips'", "--at 5,one --of", "--of flows --at 1500,multiple"})
    void whatCannotBeMeasuredIsRefused(String arguments, String message) {
        StringWriter err = new StringWriter();
        assertThat(run(List.of(arguments.split(" ", -1)), new StringWriter(), err))
                .isEqualTo(2);
        assertThat(err.toString()).contains(message);
    }

    @ParameterizedTest
    @EnumSource
    void pointsOfAGrowthDifferInThatAlone(Growth growth) {
        List<Cell> cells = growth.points().stream()
                .map(at -> growth.cell(Encapsulation.IPIP, false, at))
                .toList();
        assertThat(cells).doesNotHaveDuplicates();
        assertThat(cells.stream().filter(cell -> cell.workers() == 1 && !cell.ipv6()))
                .hasSameSizeAs(cells);
        if (growth != Growth.VIPS) {
            assertThat(cells).allMatch(cell -> cell.tables().vips() == 1);
        }
        if (growth != Growth.BACKENDS) {
            assertThat(cells).allMatch(cell -> cell.tables().backends() == 100);
        }
        if (growth != Growth.FLOWS && growth != Growth.LOAD) {
            assertThat(cells).allMatch(cell -> cell.traffic().flows() == 100_000);
        }
    }

    private static int run(List<String> arguments, StringWriter out, StringWriter err) {
        return new CommandLine(new GrowthBench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> cells(Path json) throws IOException {
        return (List<Map<String, Object>>)
                JSON.std.mapFrom(Files.readString(json)).get("cells");
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> samples(Map<String, Object> cell) {
        Map<String, Map<String, Object>> contenders = (Map<String, Map<String, Object>>) cell.get("contenders");
        assertThat(contenders).containsOnlyKeys("java", "twin");
        return contenders.values().stream()
                .flatMap(contender -> ((List<Map<String, Object>>) contender.get("rounds")).stream())
                .toList();
    }

    private static long number(Map<String, Object> sample, String name) {
        return ((Number) sample.get(name)).longValue();
    }
}
