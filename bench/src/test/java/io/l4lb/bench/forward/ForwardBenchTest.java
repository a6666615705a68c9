package io.l4lb.bench.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Tiny runs, so that the benchmark cannot rot; what they measure is of no account here. */
class ForwardBenchTest {
    private static final int FLOWS = 960;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"lb,ipv4,ipip", "new,ipv6,gue", "maglev,ipv4,gue", "mac,ipv4,ipip", "short,ipv4,ipip"})
    void everyContenderForwardsAllThatItReceives(String mode, String family, String encapsulation) throws IOException {
        Path json = directory.resolve("result.json");
        Path plot = directory.resolve("result.svg");
        String out = run(
                "--mode",
                mode,
                "--family",
                family,
                "--encapsulation",
                encapsulation,
                "--json",
                "" + json,
                "--plot",
                "" + plot);
        Map<String, Map<String, Object>> contenders = contenders(json);
        assertThat(contenders).containsOnlyKeys("java", "twin");
        contenders.values().forEach(contender -> {
            Map<String, Object> sample = sample(contender);
            assertThat(number(sample, "packets")).isPositive();
            assertThat(sample).contains(entry("drops", 0));
            switch (mode) {
                case "lb" -> assertThat(number(sample, "hits")).isEqualTo(number(sample, "packets"));
                case "short" ->
                    assertThat(number(sample, "hits") + number(sample, "misses"))
                            .isEqualTo(number(sample, "packets"))
                            .isGreaterThan(number(sample, "misses"));
                case "new" -> assertThat(number(sample, "misses")).isEqualTo(number(sample, "packets"));
                default -> assertThat(number(sample, "misses")).isZero();
            }
        });
        assertThat(out).contains("dpdk: DPDK ").contains(family + "/" + encapsulation);
        assertThat(plot).content().startsWith("<?xml").contains("<svg");
    }

    @ParameterizedTest
    @CsvSource({"lb", "new", "short"})
    void replicationIsHeldAgainstNone(String mode) throws IOException {
        Path json = directory.resolve("result.json");
        Path plot = directory.resolve("result.svg");
        String out = run(
                "--mode",
                mode,
                "--replication",
                "off,established,all",
                "--against",
                "none",
                "--json",
                json.toString(),
                "--plot",
                plot.toString());
        assertThat(cells(json))
                .extracting(cell -> cell.get("replication"))
                .containsExactly("off", "established", "all");
        assertThat(out).contains(mode + " ipv4/ipip established").contains("untold");
        assertThat(plot).content().startsWith("<?xml").contains("<svg");
    }

    @ParameterizedTest
    @CsvSource({
        "--flows,0,flows: 0",
        "--vips,0,0 VIPs",
        "--backends,0,0 backends",
        "--rounds,0,--rounds 0",
        "--seconds,0,--seconds 0.0",
        "--warm-up,-1,--warm-up -1.0",
        "--json,nowhere/result.json,nowhere",
        "--encapsulation,GRE,encapsulation gre"
    })
    void whatCannotBeMeasuredIsRefusedBeforeItTakesItsTime(String option, String value, String named) {
        StringWriter err = new StringWriter();
        int exitCode = new CommandLine(new ForwardBench())
                .setErr(new PrintWriter(err, true))
                .execute(option, value);
        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString().lines().findFirst().orElseThrow()).contains(named);
    }

    @Test
    void flowsAboveAMillionThatNoCaptureMultipliesToAreRefused() {
        StringWriter err = new StringWriter();
        int exitCode = new CommandLine(new ForwardBench())
                .setErr(new PrintWriter(err, true))
                .execute("--flows", "1500000");
        assertThat(exitCode).isEqualTo(2);
        assertThat(err.toString()).contains("--flows").contains("1,500,000");
    }

    private static String run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = new CommandLine(new ForwardBench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        List<String> tiny =
                List.of("--flows", "" + FLOWS, "--seconds", "0.2", "--warm-up", "0.1", "--rounds", "1", "--no-huge");
        int exitCode = line.execute(java.util.stream.Stream.concat(tiny.stream(), List.of(arguments).stream())
                .toArray(String[]::new));
        assertThat(exitCode).as(err::toString).isZero();
        return out.toString();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Map<String, Object>> contenders(Path json) throws IOException {
        List<Map<String, Object>> cells = cells(json);
        assertThat(cells).hasSize(1);
        return (Map<String, Map<String, Object>>) cells.getFirst().get("contenders");
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> cells(Path json) throws IOException {
        return (List<Map<String, Object>>)
                JSON.std.mapFrom(Files.readString(json)).get("cells");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> sample(Map<String, Object> contender) {
        List<Map<String, Object>> rounds = (List<Map<String, Object>>) contender.get("rounds");
        assertThat(rounds).hasSize(1);
        return rounds.getFirst();
    }

    private static long number(Map<String, Object> sample, String name) {
        return ((Number) sample.get(name)).longValue();
    }
}
