package io.l4lb.bench.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/**
 * A minute of the fuzzer. The minute decides how much is tried, never whether the test passes; what one run has found, the next in the
 * same folder tries first.
 */
class FuzzBenchIT {
    private static final Path DIRECTORY = Path.of(System.getProperty("l4lb.root"), "bench", "target", "fuzz");

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void aMinuteOfFramesThatNobodyThoughtOfBreaksNoPromise() {
        StringWriter out = new StringWriter();
        int exitCode = new CommandLine(new FuzzBench())
                .setOut(new PrintWriter(out, true))
                .execute("--minutes", "1", "--directory", DIRECTORY.toString());
        System.out.print(out);
        assertThat(exitCode).as(out.toString()).isZero();
        assertThat(out.toString()).contains("no promise broken", "reached: ");
    }
}
