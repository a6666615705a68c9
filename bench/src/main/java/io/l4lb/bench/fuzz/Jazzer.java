package io.l4lb.bench.fuzz;

import io.l4lb.bench.rig.FuzzInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One run of Jazzer's driver, in a JVM of its own: a frame read beyond its end would end ours. */
final class Jazzer {
    /** How Jazzer ends when the target threw. */
    static final int FOUND = 77;

    private static final int INPUT_BYTES_MAX = 8192;
    /** Beyond the time given: to start, to read the corpus, to end. */
    private static final int SLACK_SECONDS = 300;
    /** An input takes less than a millisecond; one that takes so long hangs. */
    private static final int INPUT_SECONDS_MAX = 60;

    private static final Pattern STATUS = Pattern.compile("^#\\d+\\s+\\w+.* cov: (\\d+) ft: (\\d+) corp: (\\d+)/");
    private static final Pattern EXECUTIONS = Pattern.compile("^stat::number_of_executed_units: (\\d+)");

    private final Path root;
    private final Path directory;

    Jazzer(Path root, Path directory) {
        this.root = root;
        this.directory = directory;
    }

    /**
     * What a run did.
     *
     * @param exitCode 0: all was well. {@link #FOUND}: a promise was broken by the last input of {@link PipelineTarget#HISTORY}; any
     *     other: that input ended the process
     * @param edges of the product's code reached
     * @param features edges by how often they were reached, and values compared
     * @param corpus inputs that reach something which no other does
     */
    record Result(int exitCode, long executions, long edges, long features, long corpus) {}

    /** Writes seeds and words, runs, {@return what came of it}. */
    Result run(Seeds seeds, int seconds, long seed) throws IOException, InterruptedException {
        Path corpus = Files.createDirectories(directory.resolve("corpus"));
        Path begin = Files.createDirectories(directory.resolve("seeds"));
        for (Map.Entry<String, FuzzInput> each : seeds.inputs().entrySet()) {
            Files.write(begin.resolve(each.getKey()), each.getValue().bytes());
        }
        Files.write(directory.resolve("words"), words());
        Path log = directory.resolve("log.txt");
        List<String> arguments = new ArrayList<>(options(seconds, seed));
        arguments.addAll(List.of(corpus.toString(), begin.toString()));
        int exitCode = new ChildJvm(root, directory)
                .run(
                        List.of("-XX:+EnableDynamicAgentLoading"),
                        "com.code_intelligence.jazzer.Jazzer",
                        arguments,
                        log,
                        seconds + (long) SLACK_SECONDS);
        return result(exitCode, Files.readAllLines(log));
    }

    private List<String> options(int seconds, long seed) {
        return List.of(
                "--target_class=" + PipelineTarget.class.getName(),
                "--instrumentation_includes=io.l4lb.**",
                // what is not between receive and transmit, and accessors of memory, whose edges say nothing
                "--instrumentation_excludes=io.l4lb.bench.**:io.l4lb.config.**:io.l4lb.dpdk.**:io.l4lb.burst.**:io.l4lb.net.**"
                        + ":io.l4lb.counters.**:io.l4lb.hash.**",
                "--custom_hook_includes=io.l4lb.none", // Jazzer's own sanitizers look for what this code cannot do
                "--reproducer_path=" + directory,
                "-artifact_prefix=" + directory + "/",
                "-dict=" + directory.resolve("words"),
                "-max_total_time=" + seconds,
                "-max_len=" + INPUT_BYTES_MAX,
                "-timeout=" + INPUT_SECONDS_MAX,
                "-rss_limit_mb=0",
                "-print_final_stats=1",
                "-seed=" + Integer.toUnsignedLong((int) seed));
    }

    /** {@return libFuzzer's dictionary}: what mutations would not come upon soon, bytes of addresses come from the seeds */
    private static List<String> words() {
        return List.of(
                word(FuzzInput.mark()),
                "\"\\x08\\x00\\x45\\x00\"",
                "\"\\x86\\xdd\\x60\\x00\"",
                "\"\\x81\\x00\\x00\\x01\"",
                "\"\\x88\\xa8\\x00\\x01\"",
                "\"\\x01\\xbb\"",
                "\"\\x20\\x00\"",
                "\"\\x40\\x00\"",
                "\"\\x03\\x04\\x00\\x00\"",
                "\"\\xc6\\x33\\x64\\x01\"",
                "\"\\xc0\\x00\\x02\\x01\"");
    }

    private static String word(byte[] bytes) {
        StringBuilder word = new StringBuilder("\"");
        for (byte each : bytes) {
            word.append("\\x%02x".formatted(each & 0xff));
        }
        return word.append('"').toString();
    }

    private static Result result(int exitCode, List<String> log) {
        long[] status = new long[3];
        long executions = 0;
        for (String line : log) {
            Matcher matcher = STATUS.matcher(line);
            if (matcher.find()) {
                for (int i = 0; i < status.length; i++) {
                    status[i] = Long.parseLong(matcher.group(i + 1));
                }
            }
            matcher = EXECUTIONS.matcher(line);
            if (matcher.find()) {
                executions = Long.parseLong(matcher.group(1));
            }
        }
        return new Result(exitCode, executions, status[0], status[1], status[2]);
    }
}
