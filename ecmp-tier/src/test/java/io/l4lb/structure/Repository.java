package io.l4lb.structure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where things are: modules, their class files, their sources, and the files that git tracks. */
public final class Repository {
    public static final Path ROOT = Path.of(System.getProperty("l4lb.root"));
    public static final List<String> MODULES = List.of("native", "consistent-hash", "l4lb-core", "ecmp-tier", "bench");

    private Repository() {}

    /** {@return the folder that the module's main classes were compiled to} */
    public static Path classes(String module) {
        return ROOT.resolve(module).resolve("target/classes");
    }

    /** {@return the folders of all modules that have been compiled by now} bench comes after ecmp-tier. */
    public static List<Path> allClasses() {
        return MODULES.stream()
                .filter(module -> !module.equals("bench"))
                .map(Repository::classes)
                .toList();
    }

    /** {@return all Java sources below a module's src/main/java or src/test/java} */
    public static List<Path> javaSources() {
        return MODULES.stream()
                .flatMap(module -> Stream.of("src/main/java", "src/test/java")
                        .map(folder -> ROOT.resolve(module).resolve(folder)))
                .filter(Files::isDirectory)
                .flatMap(folder -> filesBelow(folder, ".java").stream())
                .toList();
    }

    public static List<Path> filesBelow(Path folder, String ending) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the files that git tracks and that exist, relative to the root} */
    public static List<Path> trackedFiles() {
        try {
            // the folder may belong to another user than the one that runs the tests
            Process git = new ProcessBuilder("git", "-c", "safe.directory=*", "ls-files", "-z")
                    .directory(ROOT.toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String names = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (git.waitFor() != 0) {
                throw new IllegalStateException(ROOT + " is not a git clone: the structure test reads git ls-files");
            }
            return Stream.of(names.split("\0"))
                    .map(Path::of)
                    .filter(file -> Files.exists(ROOT.resolve(file)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return the text of a tracked file; bytes that are not UTF-8 are kept as ISO 8859-1} */
    public static String text(Path file) {
        try {
            return Files.readString(ROOT.resolve(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
