package io.l4lb.bench.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Tiny runs, so that the benchmark cannot rot; what they measure is of no account here. */
class WorkersBenchTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void twoWorkersAreHeldAgainstOne() {
        assumeTrue(Runtime.getRuntime().availableProcessors() >= 2, "two workers need two CPUs");
        int exitCode = run("--mode lb --flows 1000 --seconds 0.2 --warm-up 0.1 --rounds 1 --no-huge");
        assertThat(exitCode).as(err::toString).isZero();
        assertThat(out.toString().lines().filter(line -> line.matches(".*(java|twin) .* / .* / .*")))
                .hasSize(2);
        assertThat(out.toString()).contains("ns, 2 workers").contains("lb ipv4/ipip");
    }

    @Test
    void oneWorkerIsNothingToHoldAgainst() {
        assertThat(run("--workers 1")).isEqualTo(2);
        assertThat(err.toString()).contains("--workers 1: expected 2 or more");
    }

    @Test
    void moreWorkersThanCpusAreRefused() {
        assertThat(run("--workers 100000")).isEqualTo(2);
        assertThat(err.toString()).contains("100000 need a CPU each; this machine has ");
    }

    private int run(String arguments) {
        return new CommandLine(new WorkersBench())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments.split(" ", -1));
    }
}
