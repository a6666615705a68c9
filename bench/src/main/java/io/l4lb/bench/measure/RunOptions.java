package io.l4lb.bench.measure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/** The options that all comparisons share. */
public final class RunOptions {
    @Option(names = "--lcores", split = ",", paramLabel = "CPU", description = "One a worker (default: the last CPUs).")
    private List<Integer> lcores = List.of();

    @Option(names = "--seconds", paramLabel = "S", description = "Measured, a round (default: ${DEFAULT-VALUE}).")
    private double seconds = 3;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            description = "Before the first round of each (default: ${DEFAULT-VALUE}).")
    private double warmUpSeconds = 4;

    @Option(names = "--rounds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int rounds = 5;

    @Option(names = "--against", split = ",", description = "twin, testpmd, none (default: twin).")
    private Against[] against = {Against.TWIN};

    @Option(names = "--no-huge", description = "Ordinary pages for every contender.")
    private boolean noHuge;

    @Option(names = "--jvm-option", paramLabel = "OPTION", description = "For the Java contender; may be repeated.")
    private List<String> jvmOptions = List.of();

    @Option(names = "--json", paramLabel = "FILE", description = "Every sample.")
    private Path json;

    /** Refuses what could not be measured, or not be written when it has been, before it takes its time. */
    void check() {
        if (rounds < 1) {
            throw new IllegalArgumentException("--rounds " + rounds + ": expected 1 or more");
        }
        if (!(seconds > 0)) {
            throw new IllegalArgumentException("--seconds " + seconds + ": expected more than 0");
        }
        if (!(warmUpSeconds >= 0)) {
            throw new IllegalArgumentException("--warm-up " + warmUpSeconds + ": expected 0 or more");
        }
        if (json != null && !Files.isDirectory(json.toAbsolutePath().getParent())) {
            throw new IllegalArgumentException("--json " + json + ": there is no such directory");
        }
    }

    /** {@return the CPUs of so many workers} */
    List<Integer> cpus(int workers) {
        int processors = Runtime.getRuntime().availableProcessors();
        int there = lcores.isEmpty() ? processors : lcores.size();
        if (workers < 1 || workers > there) {
            throw new IllegalArgumentException("workers: " + workers + " need a CPU each; "
                    + (lcores.isEmpty() ? "this machine has " : "--lcores names ") + there);
        }
        return lcores.isEmpty()
                ? IntStream.range(0, workers)
                        .map(i -> processors - 1 - i)
                        .boxed()
                        .toList()
                : lcores.subList(0, workers);
    }

    double seconds() {
        return seconds;
    }

    double warmUpSeconds() {
        return warmUpSeconds;
    }

    int rounds() {
        return rounds;
    }

    List<Against> against() {
        return List.of(against);
    }

    boolean noHuge() {
        return noHuge;
    }

    List<String> jvmOptions() {
        return jvmOptions;
    }

    /** {@return where to write every sample} */
    public Optional<Path> json() {
        return Optional.ofNullable(json);
    }
}
