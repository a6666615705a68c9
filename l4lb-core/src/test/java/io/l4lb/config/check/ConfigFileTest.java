package io.l4lb.config.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.yaml.Fault;
import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.YamlFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are not there, are no text, are huge, or mean to be. */
class ConfigFileTest {
    @TempDir
    private Path directory;

    @Test
    void aMissingFileAndADirectoryAreNamed() {
        Path missing = directory.resolve("none.yaml");

        assertThat(rendered(ConfigReader.read(missing)))
                .containsExactly(missing + ": no such file: expected a readable configuration file");
        assertThat(rendered(ConfigReader.read(directory)))
                .containsExactly(directory + ": a directory: expected a readable configuration file");
        assertThat(rendered(ConfigReader.read(missing.resolve("below")))).hasSize(1);
    }

    @Test
    void aPathBelowAFileIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("l4lb.yaml"), "x");

        assertThat(rendered(ConfigReader.read(file.resolve("below"))))
                .singleElement()
                .asString()
                .endsWith("expected a readable configuration file");
    }

    @Test
    void bytesThatAreNoUtf8AreNamedWithTheirLine() throws IOException {
        byte[] bytes = "node:\n  id: lb\u00e9\n".getBytes(StandardCharsets.ISO_8859_1);
        Path file = Files.write(directory.resolve("l4lb.yaml"), bytes);

        assertThat(rendered(ConfigReader.read(file))).containsExactly(file + ":2: byte 0xe9: expected UTF-8");
    }

    @Test
    void charactersThatYamlForbidsAreNamedWithTheirLine() throws IOException {
        assertThat(Configurations.faults(Configurations.read(directory, "node:\n  id: \u0007\n")))
                .containsExactly("2: character U+0007: expected printable text");
    }

    @Test
    void aMessageOnlySpeaksPlainText() throws IOException {
        String yaml = "node: {id: \"\\u001b]0;x\\u0007\", \"\\u202e\\n\": 1}\n";

        assertThat(Configurations.faults(Configurations.read(directory, yaml)))
                .isNotEmpty()
                .allSatisfy(
                        fault -> assertThat(fault.chars()).allMatch(character -> character >= ' ' && character < 127));
    }

    @Test
    void tenThousandBackendsAreRead() throws IOException {
        L4lbConfig config = Configurations.load(directory, manyBackends(10_000));

        assertThat(config.pools().getFirst().backends()).hasSize(10_000);
        assertThat(config.pools().getFirst().backends().get(9_999).address()).hasToString("10.0.39.15");
    }

    @Test
    void aFileOfSixteenMebibytesIsReadAndALongerOneRefused() throws IOException {
        String backends = manyBackends(50_000);
        String full = backends + "#".repeat(YamlFile.MAX_LENGTH_BYTES - backends.length());

        assertThat(Configurations.load(directory, full).pools().getFirst().backends())
                .hasSize(50_000);
        assertThat(Configurations.read(directory, full + "#"))
                .isInstanceOfSatisfying(
                        ConfigResult.Rejected.class,
                        rejected -> assertThat(rejected.faults())
                                .containsExactly(new Fault(
                                        directory.resolve("l4lb.yaml").toString(),
                                        0,
                                        "",
                                        "too long",
                                        "at most 16 MiB")));
    }

    @Test
    void tenThousandFaultsAreAllReported() throws IOException {
        String yaml = manyBackends(10_000).replace("weight: 1}", "weight: -1}");

        assertThat(Configurations.faults(Configurations.read(directory, yaml))).hasSize(10_000);
    }

    @Test
    void faultsWithoutEndStopAtABound() throws IOException {
        String yaml = manyBackends(40_000).replace("weight: 1}", "weight: -1}");

        assertThat(Configurations.faults(Configurations.read(directory, yaml)))
                .hasSize(Findings.MAX_COUNT + 1)
                .anyMatch(fault -> fault.contains("more faults"));
    }

    @Test
    void aBillionLaughsEndAsAFault() throws IOException {
        StringBuilder yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int level = 1; level < 12; level++) {
            yaml.append("a%1$d: &a%1$d [%2$s]\n".formatted(level, ("*a" + (level - 1) + ", ").repeat(10)));
        }

        assertThat(Configurations.faults(Configurations.read(directory, yaml.toString())))
                .singleElement()
                .asString()
                .isEqualTo("7: more than 4000000 values, aliases written out: expected a smaller configuration");
    }

    @Test
    void deepNestingOfAnyKindEndsAsAFault() throws IOException {
        StringBuilder blocks = new StringBuilder();
        for (int depth = 0; depth < 1000; depth++) {
            blocks.append(" ".repeat(depth)).append("a:\n");
        }
        for (String yaml : List.of(
                "[".repeat(1 << 20),
                "{a: ".repeat(1 << 20),
                "- ".repeat(1 << 20),
                "? ".repeat(1 << 18),
                blocks.toString())) {
            assertThatCode(() ->
                            assertThat(Configurations.read(directory, yaml)).isInstanceOf(ConfigResult.Rejected.class))
                    .as(yaml.substring(0, 8))
                    .doesNotThrowAnyException();
        }
    }

    private static String manyBackends(int count) {
        StringBuilder yaml = new StringBuilder("""
                node: {id: lb1}
                dataplane: {outerSource: {ipv4: 192.0.2.1}}
                vips: [{name: v, address: 198.51.100.1, l4Port: 80, pool: p}]
                pools:
                  - name: p
                    backends:
                """);
        for (int backend = 0; backend < count; backend++) {
            yaml.append("      - {name: b%d, address: 10.%d.%d.%d, weight: 1}\n"
                    .formatted(backend, backend >> 16, backend >> 8 & 0xff, backend & 0xff));
        }
        return yaml.toString();
    }

    private static List<String> rendered(ConfigResult result) {
        assertThat(result).isInstanceOf(ConfigResult.Rejected.class);
        return ((ConfigResult.Rejected) result)
                .faults().stream().map(Fault::toString).toList();
    }
}
