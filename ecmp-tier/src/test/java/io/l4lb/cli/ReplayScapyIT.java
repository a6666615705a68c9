package io.l4lb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A capture of 20,000 mixed packets built with scapy, replayed by the command line in processes of its own, and judged
 * by scripts that share no code with us ({@code l4lb-core/src/test/scapy}).
 */
class ReplayScapyIT {
    private static final String PYTHON = "/usr/bin/python3";
    private static final Path SCRIPTS = Path.of(System.getProperty("l4lb.root"), "l4lb-core", "src", "test", "scapy");
    private static final Path OPTIONS =
            Path.of(System.getProperty("l4lb.root"), "ecmp-tier", "src", "main", "jvm", "common.options");
    private static final int PACKETS = 20_000;
    private static final int EXPLAINED_FLOWS = 1_000;
    private static final int TIMEOUT_SECONDS = 120;
    private static final long SEED = Long.getLong("l4lb.seed", 1);

    @TempDir
    static Path directory;

    private static Path config;
    private static Path capture;

    @BeforeAll
    static void makeAndReplayTheCapture() throws Exception {
        boolean hasScapy = Files.isExecutable(Path.of(PYTHON))
                && start(List.of(PYTHON, "-c", "import scapy.layers.inet6")).exitCode == 0;
        if (!hasScapy) {
            System.out.println("ReplayScapyIT skipped: " + PYTHON + " has no scapy (apt-get install python3-scapy)");
        }
        assumeTrue(hasScapy, PYTHON + " has no scapy");
        config = directory.resolve("lb.yaml");
        capture = directory.resolve("in.pcap");
        String packets = Integer.toString(PACKETS);
        succeed(script("mixed_capture.py", capture, config, "--packets", packets, "--seed", Long.toString(SEED)));
        replay("first");
        replay("second");
    }

    @Test
    void replayingTwiceGivesIdenticalFiles() throws IOException {
        for (String kind : List.of("out.pcap", "punt.pcap", "report.json")) {
            assertThat(Files.mismatch(file("first", kind), file("second", kind)))
                    .as(kind)
                    .isEqualTo(-1);
        }
    }

    @Test
    void everyPacketIsAsTheSpecificationSays() throws Exception {
        System.out.println(check().output);
    }

    @Test
    void explainAgreesWithReplay() throws Exception {
        check();
        List<String> lines = new ArrayList<>(Files.readAllLines(directory.resolve("flows.txt")));
        Collections.shuffle(lines, new Random(SEED));
        assertThat(lines).hasSizeGreaterThanOrEqualTo(EXPLAINED_FLOWS);
        Map<String, String> replayed = lines.stream()
                .limit(EXPLAINED_FLOWS)
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.lastIndexOf(' ')),
                        line -> line.substring(line.lastIndexOf(' ') + 1),
                        (first, _) -> first,
                        LinkedHashMap::new));

        assertThat(explained(List.copyOf(replayed.keySet())))
                .as("seed %d", SEED)
                .isEqualTo(replayed);
    }

    @Test
    void theReportCountsWhatThePacketsWereMadeToBe() throws IOException {
        Map<String, Long> outcomes = Files.readAllLines(Path.of(capture + ".outcomes")).stream()
                .collect(Collectors.groupingBy(outcome -> outcome, TreeMap::new, Collectors.counting()));
        Map<String, Object> report = JSON.std.mapFrom(Files.readString(file("first", "report.json")));

        Map<String, Long> counted = new TreeMap<>();
        Map<?, ?> worker = (Map<?, ?>) ((List<?>) report.get("workers")).getFirst();
        counted.put("punt", ((Number) worker.get("puntedPackets")).longValue());
        counted.put("echo", ((Number) worker.get("echoReplies")).longValue());
        counted.put("too-big", ((Number) worker.get("tooBigReplies")).longValue());
        ((Map<?, ?>) worker.get("drops"))
                .forEach((label, count) -> counted.put("drop " + label, ((Number) count).longValue()));
        for (Object vip : (List<?>) report.get("vips")) {
            Map<?, ?> fields = (Map<?, ?>) vip;
            counted.put("forward " + fields.get("name"), ((Number) fields.get("packets")).longValue());
        }

        assertThat(counted).as("seed %d", SEED).isEqualTo(outcomes);
        assertThat(((Number) worker.get("rxPackets")).intValue()).isEqualTo(PACKETS);
    }

    /** {@return flow to backend, as one call of explain has it} */
    private static Map<String, String> explained(List<String> flows) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("explain", "-c", config.toString(), "--json"));
        arguments.addAll(flows);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode =
                Main.run(arguments.toArray(String[]::new), new PrintWriter(out, true), new PrintWriter(err, true));
        assertThat(exitCode).as(err.toString()).isZero();
        List<Object> documents = JSON.std.listFrom(out.toString());
        assertThat(documents).hasSameSizeAs(flows);
        Map<String, String> backends = new LinkedHashMap<>();
        for (int i = 0; i < flows.size(); i++) {
            backends.put(flows.get(i), String.valueOf(((Map<?, ?>) documents.get(i)).get("backend")));
        }
        return backends;
    }

    private static void replay(String name) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("@" + OPTIONS, "-cp", System.getProperty("java.class.path")));
        command.add("-Dl4lb.nativeDirectory=" + System.getProperty("l4lb.nativeDirectory"));
        command.addAll(List.of(Main.class.getName(), "replay", "-c", config.toString(), "--in", capture.toString()));
        for (String kind : List.of("out.pcap", "punt.pcap", "report.json")) {
            command.add("--" + kind.substring(0, kind.indexOf('.')));
            command.add(file(name, kind).toString());
        }
        succeed(command);
    }

    private static Outcome check() throws Exception {
        return succeed(script(
                "check_replay.py",
                config,
                capture,
                file("first", "out.pcap"),
                file("first", "punt.pcap"),
                "--flows",
                directory.resolve("flows.txt")));
    }

    private static Path file(String name, String kind) {
        return directory.resolve(name + "." + kind);
    }

    private static List<String> script(String name, Object... arguments) {
        return Stream.concat(
                        Stream.of(PYTHON, "-B", SCRIPTS.resolve(name).toString()),
                        Arrays.stream(arguments).map(Object::toString))
                .toList();
    }

    private record Outcome(int exitCode, String output) {}

    private static Outcome succeed(List<String> command) throws Exception {
        Outcome outcome = start(command);
        assertThat(outcome.exitCode)
                .as("seed %d: %s%n%s", SEED, command.getLast(), outcome.output)
                .isZero();
        return outcome;
    }

    /** Runs a command to its end; its output goes through a file, so that it never waits for a reader. */
    private static Outcome start(List<String> command) throws Exception {
        Path output = Files.createTempFile(directory, "command", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError(
                    command + " did not end in " + TIMEOUT_SECONDS + " s\n" + Files.readString(output));
        }
        return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }
}
