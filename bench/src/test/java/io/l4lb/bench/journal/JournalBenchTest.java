package io.l4lb.bench.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class JournalBenchTest {
    @Test
    void allThatWasWrittenComesBackAndNothingIsLeft(@TempDir Path directory) {
        StringWriter out = new StringWriter();
        int exit = new CommandLine(new JournalBench())
                .setOut(new PrintWriter(out))
                .execute("--events", "5000", "--directory", directory.toString());

        assertThat(exit).isZero();
        assertThat(out.toString()).contains("wrote      5,000 events").contains("recovered  5,000 events");
        assertThat(directory).isEmptyDirectory();
    }
}
