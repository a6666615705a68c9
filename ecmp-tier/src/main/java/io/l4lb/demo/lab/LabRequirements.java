package io.l4lb.demo.lab;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What the lab needs of the machine, asked in the order in which a user would cure it. */
final class LabRequirements {
    private static final List<String> TOOLS =
            List.of("ip", "bridge", "ethtool", "sysctl", "unshare", "setsid", "nginx", "curl", "bird", "openssl");
    private static final List<String> OBJECTS = List.of("decapsulate.o", "vip_filter.o");
    private static final int PROBE_SECONDS = 5;
    /** Where Debian has bird, nginx and sysctl, which a user's PATH may lack. */
    private static final String SYSTEM_FOLDERS = "/usr/sbin" + File.pathSeparator + "/sbin";

    private LabRequirements() {}

    static Optional<String> firstMissing() {
        return Stream.of(notRoot(), missingTool(), missingObject(), noNamespaces())
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> notRoot() {
        try {
            boolean root = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
            return root ? Optional.empty() : Optional.of("the lab needs root to make network namespaces");
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.of("the lab needs Linux");
        }
    }

    private static Optional<String> missingTool() {
        return missingTool(searched(System.getenv().getOrDefault("PATH", "")));
    }

    static Optional<String> missingTool(String path) {
        return TOOLS.stream()
                .filter(tool -> Stream.of(path.split(File.pathSeparator, -1))
                        .noneMatch(folder -> Files.isExecutable(Path.of(folder, tool))))
                .findFirst()
                .map(tool -> "the lab needs " + tool + ", which is not installed");
    }

    /** {@return the user's PATH, and after it where the system's programs are} */
    static String searched(String path) {
        return path.isEmpty() ? SYSTEM_FOLDERS : path + File.pathSeparator + SYSTEM_FOLDERS;
    }

    /** What the lab runs finds the tools where this class does. */
    static ProcessBuilder withTools(ProcessBuilder builder) {
        builder.environment().compute("PATH", (_, path) -> searched(path == null ? "" : path));
        return builder;
    }

    private static Optional<String> missingObject() {
        return OBJECTS.stream()
                .map(Lab.nativeDirectory()::resolve)
                .filter(object -> !Files.isReadable(object))
                .findFirst()
                .map(object -> "the lab needs " + object + ", which is not built");
    }

    private static Optional<String> noNamespaces() {
        try {
            Process probe = withTools(new ProcessBuilder("unshare", "--net", "--mount", "true"))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            boolean made = probe.waitFor(PROBE_SECONDS, TimeUnit.SECONDS) && probe.exitValue() == 0;
            return made ? Optional.empty() : Optional.of("this machine lets nobody make network namespaces");
        } catch (IOException e) {
            return Optional.of("unshare does not run: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("interrupted");
        }
    }
}
