package io.l4lb.bench.measure;

import io.l4lb.bench.contender.LineContender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where and with what a benchmark ran: all that someone needs who wants to run it again. */
public final class Machine {
    private static final String UNKNOWN = "unknown";

    private Machine() {}

    /** {@return the facts by name, in the order to print them} */
    public static Map<String, String> facts(Path root, String dpdkVersion, List<String> extraJvmOptions) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        facts.put("commit", commit(root));
        facts.put("cpu", cpuModel());
        facts.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("transparentHugePages", selected(Path.of("/sys/kernel/mm/transparent_hugepage/enabled")));
        facts.put("jvm", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        facts.put(
                "jvmOptions",
                Stream.concat(LineContender.jvmOptions().stream(), extraJvmOptions.stream())
                        .filter(option -> !option.startsWith("-Dl4lb.")) // where the clone lies is nobody's business
                        .collect(Collectors.joining(" ")));
        facts.put("dpdk", dpdkVersion);
        facts.put(
                "compiler",
                output(List.of("cc", "--version")).lines().findFirst().orElse(UNKNOWN));
        return facts;
    }

    private static String commit(Path root) {
        String commit = output(List.of("git", "-C", root.toString(), "rev-parse", "--short", "HEAD"));
        String changes = output(List.of("git", "-C", root.toString(), "status", "--porcelain"));
        return (commit.isEmpty() ? UNKNOWN : commit) + (changes.isEmpty() ? "" : " with changes");
    }

    private static String cpuModel() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    /** {@return the choice in brackets, as the kernel shows it} */
    private static String selected(Path file) {
        try {
            String text = Files.readString(file);
            return text.substring(text.indexOf('[') + 1, text.indexOf(']'));
        } catch (IOException | IndexOutOfBoundsException e) {
            return UNKNOWN;
        }
    }

    private static String output(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "";
        }
    }
}
