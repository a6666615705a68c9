package io.l4lb.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tiny run, so that the benchmark cannot rot; what it measures is of no account here. */
class BenchMainTest {
    @Test
    void maglevPrintsALineForEachNumberOfBackendsAndWeighting() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int exitCode = BenchMain.run(
                new String[] {"maglev", "--table-size", "251", "--backends", "3,5", "--rounds", "1"},
                new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(exitCode).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8).lines().filter(line -> line.endsWith(" %")))
                .hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "maglev --table-size 100",
                "maglev --backends 0",
                "maglev --rounds 0",
                "warmup --starts -1",
                "warmup --encapsulation gre",
                "warmup --flows 0"
            })
    void wrongUseIsRefusedBeforeAnythingIsMeasured(String arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int exitCode = BenchMain.run(arguments.split(" "), new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(exitCode).isEqualTo(2);
        assertThat(out.size()).isZero();
    }
}
