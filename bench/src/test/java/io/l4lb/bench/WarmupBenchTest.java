package io.l4lb.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** A tiny run, so that the benchmark cannot rot; what it measures is of no account here. */
class WarmupBenchTest {
    @Test
    void firstPacketsAreMeasuredWithWarmUpAndWithout() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int exitCode = BenchMain.run(
                new String[] {
                    "warmup", "--rounds", "1", "--starts", "0", "--limit", "1", "--settle", "0.1", "--seconds", "0.1"
                },
                new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(exitCode).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("first 1,000 ", "first 100,000 ", "steady state", "first 100,000 / steady");
    }
}
