package io.l4lb.bench.stall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A tiny run, so that the benchmark cannot rot; what it measures is of no account here. */
class StallBenchTest {
    @TempDir
    private Path directory;

    @Test
    void everyContenderPollsAndTheControlSideReloads() throws IOException {
        assumeThat(Runtime.getRuntime().availableProcessors()).as("CPUs").isGreaterThan(1);
        Path json = directory.resolve("result.json");
        Path plot = directory.resolve("result.svg");

        String out = run(
                "--seconds=0.5",
                "--warm-up=1",
                "--rounds=1",
                "--vips=2",
                "--backends=10",
                "--collector=serial",
                "--json=" + json,
                "--plot=" + plot);

        Map<String, Map<String, Object>> rounds = rounds(json);
        assertThat(rounds).containsOnlyKeys("C", "C, loaded", "java, serial");
        rounds.values().forEach(round -> {
            assertThat(number(round, "passes")).isPositive();
            // a round begins and ends between passes
            assertThat(number(round, "packets")).isCloseTo(32 * number(round, "passes"), withPercentage(50));
        });
        assertThat(number(rounds.get("java, serial"), "reloads")).isPositive();
        assertThat(number(rounds.get("java, serial"), "counterReads")).isPositive();
        assertThat(out).contains("by time");
        assertThat(plot).content().contains("<svg");
    }

    @Test
    void longGapWeighsByTheTimeItTakes() {
        Histogram gaps = new Histogram(3);
        gaps.recordValueWithCount(1000, 999_000);
        gaps.recordValue(1_000_000);
        TimeWeight time = new TimeWeight(gaps);

        assertThat(gaps.getValueAtPercentile(99.99)).isLessThan(1100);
        assertThat(time.gapNsAt(0.998)).isLessThan(1100);
        assertThat(time.gapNsAt(0.9995)).isGreaterThan(990_000);
        assertThat(time.shareInLongGaps()).isCloseTo(0.001, withPercentage(1));
        assertThat(time.shareLost()).isCloseTo(0.000725, withPercentage(1));
    }

    private static String run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = new CommandLine(new StallBench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        assertThat(line.execute(arguments)).as(err::toString).isZero();
        return out.toString();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Map<String, Object>> rounds(Path json) throws IOException {
        Map<String, Object> document = JSON.std.mapFrom(Files.readString(json));
        return ((List<Map<String, Object>>) document.get("contenders"))
                .stream()
                        .collect(Collectors.toMap(
                                contender -> (String) contender.get("name"),
                                contender -> ((List<Map<String, Object>>) contender.get("rounds")).getFirst()));
    }

    private static long number(Map<String, Object> round, String name) {
        return ((Number) round.get(name)).longValue();
    }
}
