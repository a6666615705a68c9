package io.l4lb.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.annotations.Benchmark;
import picocli.CommandLine;

/** Tiny runs, so that the benchmarks cannot rot; what they measure is of no account here. */
class JmhBenchTest {
    @TempDir
    private Path directory;

    @Test
    void everyBenchmarkRunsAndItsStateDoesNotDrift() throws IOException {
        Path json = directory.resolve("result.json");

        assertThat(run("--json=" + json, "--param=family=ipv4,ipv6", "--param=encapsulation=ipip,gue"))
                .isZero();

        List<Object> results = JSON.std.listFrom(Files.readString(json));
        assertThat(results).map(JmhBenchTest::name).containsAll(benchmarks());
        assertThat(results).allSatisfy(result -> assertThat(score(result)).isPositive());
    }

    @Test
    void patternThatNoBenchmarkHasFails() {
        assertThat(run("Nothing.isCalledThis")).isEqualTo(1);
    }

    private static int run(String... arguments) {
        String[] tiny = {"--forks=0", "--iterations=1", "--milliseconds=10"};
        return new CommandLine(new JmhBench())
                .execute(Stream.of(tiny, arguments).flatMap(Arrays::stream).toArray(String[]::new));
    }

    /** {@return by reflection, so that a benchmark that the annotation processor missed is missed here} */
    private static Set<String> benchmarks() {
        Set<String> names = new TreeSet<>();
        for (Class<?> benchmark : List.of(
                StageBenchmark.class,
                MaglevBenchmark.class,
                QuicBenchmark.class,
                SlowPathBenchmark.class,
                AccessBenchmark.class)) {
            Arrays.stream(benchmark.getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(Benchmark.class))
                    .forEach(method -> names.add(benchmark.getName() + "." + method.getName()));
        }
        return names;
    }

    private static String name(Object result) {
        return (String) ((Map<?, ?>) result).get("benchmark");
    }

    private static double score(Object result) {
        Map<?, ?> metric = (Map<?, ?>) ((Map<?, ?>) result).get("primaryMetric");
        return ((Number) metric.get("score")).doubleValue();
    }
}
