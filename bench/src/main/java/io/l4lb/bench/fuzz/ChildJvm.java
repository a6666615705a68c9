package io.l4lb.bench.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a main class in a JVM of its own, which may end at a page that cannot be touched. */
final class ChildJvm {
    private final Path root;
    private final Path directory;

    /** @param directory for what it writes */
    ChildJvm(Path root, Path directory) {
        this.root = root;
        this.directory = directory;
    }

    /** {@return its exit code}; {@code output}: where all goes that it says */
    int run(List<String> jvmOptions, String main, List<String> arguments, Path output, long secondsMax)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + root.resolve("ecmp-tier/src/main/jvm/common.options"),
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "-ea",
                "-XX:ErrorFile=" + directory.resolve("hs_err.log"),
                "-XX:-CreateCoredumpOnCrash",
                "-Dl4lb.root=" + root,
                "-Dl4lb.nativeDirectory=" + System.getProperty("l4lb.nativeDirectory"),
                "-D" + PipelineTarget.DIRECTORY + "=" + directory));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(secondsMax, TimeUnit.SECONDS)) {
                throw new IOException(main + " does not end; what it said is in " + output);
            }
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }
}
