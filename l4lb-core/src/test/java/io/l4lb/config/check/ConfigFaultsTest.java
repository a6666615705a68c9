package io.l4lb.config.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table {@code config/faults.txt}: words, what is changed in {@code config/base.yaml}, and all that is to be
 * reported, warnings behind {@code warning}. A case:
 *
 * <pre>
 * == words
 * - line of the base that goes
 * + line that comes in its place; without "-" lines: the whole file
 * LINE: KEY: VALUE: expected ...
 * </pre>
 */
class ConfigFaultsTest {
    private static final String BASE = Configurations.resource("base.yaml");

    @TempDir
    private Path directory;

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void everyFaultIsReportedWithItsPlace(Case given) throws IOException {
        ConfigResult result = Configurations.read(directory, given.yaml());

        List<String> reported = new ArrayList<>(Configurations.faults(result));
        Configurations.warnings(result).forEach(warning -> reported.add("warning " + warning));
        assertThat(reported).as(given.yaml()).containsExactlyElementsOf(given.reported);
    }

    static List<Case> cases() {
        return Stream.of(Configurations.resource("faults.txt").split("^== |\n== "))
                .skip(1)
                .map(ConfigFaultsTest::parse)
                .toList();
    }

    private static Case parse(String text) {
        List<String> lines = text.lines().toList();
        return new Case(
                lines.getFirst(),
                marked(lines, "- "),
                marked(lines, "+ ").orElseThrow(),
                lines.stream()
                        .skip(1)
                        .filter(line -> !line.isBlank() && !line.startsWith("- ") && !line.startsWith("+ "))
                        .toList());
    }

    private static Optional<String> marked(List<String> lines, String mark) {
        return lines.stream()
                .filter(line -> line.startsWith(mark))
                .map(line -> line.substring(mark.length()) + "\n")
                .reduce(String::concat);
    }

    /** One entry of the table. */
    record Case(String words, Optional<String> removed, String added, List<String> reported) {
        String yaml() {
            removed.ifPresent(lines -> assertThat(BASE).contains(lines));
            return removed.map(lines -> BASE.replace(lines, added)).orElse(added);
        }

        @Override
        public String toString() {
            return words;
        }
    }
}
