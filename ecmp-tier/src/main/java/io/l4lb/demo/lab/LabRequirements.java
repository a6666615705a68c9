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
        return TOOLS.stream()
                .filter(tool -> Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                        .noneMatch(folder -> Files.isExecutable(Path.of(folder, tool))))
                .findFirst()
                .map(tool -> "the lab needs " + tool + ", which is not installed");
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
            Process probe = new ProcessBuilder("unshare", "--net", "--mount", "true")
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
