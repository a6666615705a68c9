package io.l4lb.bench.replicate;

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
import picocli.CommandLine;

/** Tiny runs, so that the benchmark cannot rot; what they measure is of no account here. */
class ReplicateBenchTest {
    @TempDir
    private Path directory;

    @Test
    void whatIsPinnedIsJournaledAppliedAtThePeerAndFoundAgain() throws IOException {
        Path json = directory.resolve("result.json");
        Path journals = directory.resolve("journals");
        int exit = run(
                "--json",
                json.toString(),
                "--directory",
                journals.toString(),
                "--seconds",
                "0.2",
                "--warm-up",
                "0.1",
                "--rate",
                "10000",
                "--lag-rate",
                "10000",
                "--flows",
                "5000",
                "--table",
                "65536");

        assertThat(exit).isZero();
        Map<String, Object> document = JSON.std.mapFrom(Files.readString(json));
        assertThat(part(document, "throughput"))
                .contains(entry("problem", "none"), entry("lost", 0), entry("refused", 0));
        assertThat(part(document, "throughput").get("flows")).isNotEqualTo(0);
        assertThat(part(document, "lag").get("applied")).isNotEqualTo(0);
        assertThat(part(document, "restart")).hasEntrySatisfying("fromEvents", ReplicateBenchTest::allCameBack);
        assertThat(part(document, "restart")).hasEntrySatisfying("fromCheckpoint", ReplicateBenchTest::allCameBack);
        assertThat(journals).isEmptyDirectory();
    }

    @Test
    void whatCannotBeMeasuredIsRefused() {
        assertThat(run("--flows", "0")).isEqualTo(2);
        assertThat(run("--seconds", "0")).isEqualTo(2);
    }

    private static void allCameBack(Object start) {
        assertThat(start)
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry("recovered", 5000);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> part(Map<String, Object> document, String name) {
        return ((List<Map<String, Object>>) document.get(name)).getFirst();
    }

    private static int run(String... arguments) {
        return new CommandLine(new ReplicateBench())
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(new StringWriter()))
                .execute(arguments);
    }
}
