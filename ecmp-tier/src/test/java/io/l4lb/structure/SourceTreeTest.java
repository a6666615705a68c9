package io.l4lb.structure;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shape and words of the source tree (DESIGN's folders; STYLE 2, 9, 28, 32), main and test alike. */
class SourceTreeTest {
    private static final int FILE_LINES_WALL = 500;
    private static final int FILE_LINES_P90 = 300;
    private static final int METHOD_LINES_WALL = 60;
    private static final int METHOD_LINES_P90 = 25;
    private static final int FILES_A_PACKAGE = 12;
    private static final int DESIGN_PAGE_LINES = 100;

    private static final Path OURS = Path.of("io", "l4lb");
    private static final Set<String> ROOT_NAMES = Set.of(
            "README.md",
            "pom.xml",
            "mvnw",
            "l4lb",
            "LICENSE",
            "CHANGELOG.md",
            "docs",
            "native",
            "consistent-hash",
            "l4lb-core",
            "ecmp-tier",
            "bench",
            "vagrant");
    private static final Set<String> TEXT_ENDINGS = Set.of(
            "java", "c", "h", "py", "sh", "md", "xml", "yaml", "yml", "txt", "options", "config", "properties", "conf");
    private static final Set<String> CODE_ENDINGS = Set.of("java", "c", "h", "py", "sh");

    private static List<Path> tracked;
    private static List<Path> javaFiles;
    private static SourceShape shape;

    @BeforeAll
    static void readSources() {
        tracked = Repository.trackedFiles();
        javaFiles = Repository.javaSources();
        shape = SourceShape.of(javaFiles);
    }

    @Test
    void filesAreShort() {
        Map<String, Long> lines = tracked.stream()
                .filter(SourceTreeTest::isCode)
                .collect(Collectors.toMap(
                        Path::toString, file -> Repository.text(file).lines().count()));

        assertThat(lines)
                .isNotEmpty()
                .allSatisfy((file, count) ->
                        assertThat(count).as("lines of %s", file).isLessThanOrEqualTo(FILE_LINES_WALL));
        assertThat(p90(lines.entrySet(), Map.Entry::getValue))
                .as("90th percentile of the lines of files")
                .isLessThanOrEqualTo(FILE_LINES_P90);
    }

    @Test
    void methodsAreShort() {
        assertThat(shape.methods())
                .isNotEmpty()
                .allSatisfy(method -> assertThat(method.lines())
                        .as("lines of %s", method.place())
                        .isLessThanOrEqualTo(METHOD_LINES_WALL));
        assertThat(p90(shape.methods(), SourceShape.Method::lines))
                .as("90th percentile of the lines of methods")
                .isLessThanOrEqualTo(METHOD_LINES_P90);
    }

    private static <T> long p90(Collection<T> all, ToLongFunction<T> length) {
        return all.stream()
                .mapToLong(length)
                .sorted()
                .skip(all.size() * 9L / 10)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void packagesAreSmallAndShallow() {
        Map<Path, Long> filesByFolder =
                javaFiles.stream().collect(Collectors.groupingBy(Path::getParent, TreeMap::new, Collectors.counting()));

        assertThat(filesByFolder).allSatisfy((folder, files) -> {
            Path name = packageOf(folder);
            assertThat(files).as("files in %s", folder).isLessThanOrEqualTo(FILES_A_PACKAGE);
            assertThat(name.startsWith(OURS)).as("%s is below io.l4lb", name).isTrue();
            assertThat(name.getNameCount() - OURS.getNameCount())
                    .as("depth of %s below io.l4lb", name)
                    .isBetween(1, 2);
        });
    }

    @Test
    void everyPackageSaysWhatItIs() {
        assertThat(javaFiles.stream().map(Path::getParent).distinct())
                .allSatisfy(folder -> assertThat(hasPackageInfo(folder))
                        .as("package-info of %s", folder)
                        .isTrue());
    }

    /** A test package that tests a package of the same name is described by that one. */
    private static boolean hasPackageInfo(Path folder) {
        Path source = Path.of(folder.toString().replace("src/test/java", "src/main/java"));
        return Files.exists(folder.resolve("package-info.java")) || Files.exists(source.resolve("package-info.java"));
    }

    private static Path packageOf(Path folder) {
        Path relative = Repository.ROOT.relativize(folder); // module/src/main/java/…
        return relative.subpath(4, relative.getNameCount());
    }

    @Test
    void rootHoldsWhatDesignSaysAndNothingElse() {
        assertThat(tracked.stream().map(file -> file.getName(0).toString()).distinct())
                .allMatch(name -> name.startsWith(".") || ROOT_NAMES.contains(name));
    }

    @Test
    void designPagesFitOneReading() {
        assertThat(tracked.stream().filter(file -> file.startsWith("docs/design")))
                .allSatisfy(page -> {
                    assertThat(page.getFileName().toString()).matches("\\d\\d-[a-z0-9-]+\\.md");
                    assertThat(Repository.text(page).lines().count())
                            .as("lines of %s", page)
                            .isLessThanOrEqualTo(DESIGN_PAGE_LINES);
                });
    }

    /** An ethPort or an l4Port, an rxQueue or a commandQueue; session means BGP and needs its own word as well. */
    @ParameterizedTest
    @ValueSource(strings = {"port", "queue", "session"})
    void noNameIsAWordOfTwoMeanings(String word) {
        assertThat(shape.variables().stream().filter(variable -> variable.name().equals(word)))
                .isEmpty();
    }

    /** The patterns are put together here so that this file does not match them. */
    static Stream<String> words() {
        return Stream.of("\\bTO" + "DO\\b", "\\bFIX" + "ME\\b", "\\bX" + "XX\\b", "@Dis" + "abled");
    }

    @ParameterizedTest
    @MethodSource("words")
    void nothingIsLeftForLater(String pattern) {
        assertThat(placesOf(Pattern.compile(pattern))).isEmpty();
    }

    static Stream<String> machineWords() {
        return Stream.of(
                "(?<![\\w.*}/])/wo" + "rk/",
                "(?<![\\w.*}/])/ro" + "ot/",
                "/tmp/" + "wt\\b",
                "/home/" + "\\w+/",
                "\\.\\./sha" + "red/",
                "(?i)\\b(artif" + "actory|nex" + "us)\\b",
                "(?i)https?://[\\w.-]*(regi" + "stry|mir" + "ror|arti" + "fact|prox" + "y|mav" + "en2)[\\w.-]*",
                "<(mir" + "rors?|reposi" + "tor(y|ies))>");
    }

    @ParameterizedTest
    @MethodSource("machineWords")
    void nothingKnowsTheMachineItWasMadeOn(String pattern) {
        assertThat(placesOf(Pattern.compile(pattern))).isEmpty();
    }

    private static List<String> placesOf(Pattern pattern) {
        return tracked.stream()
                .filter(SourceTreeTest::isText)
                .flatMap(file -> Repository.text(file)
                        .lines()
                        .filter(line -> pattern.matcher(line).find())
                        .map(line -> file + ": " + line.strip()))
                .toList();
    }

    /** Scripts such as the launcher have no ending. */
    private static boolean isCode(Path file) {
        return CODE_ENDINGS.contains(ending(file)) || Files.isExecutable(Repository.ROOT.resolve(file));
    }

    private static boolean isText(Path file) {
        return TEXT_ENDINGS.contains(ending(file))
                || !file.getFileName().toString().contains(".");
    }

    private static String ending(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
