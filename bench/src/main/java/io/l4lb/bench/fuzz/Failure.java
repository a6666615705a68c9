package io.l4lb.bench.fuzz;

import io.l4lb.bench.rig.FuzzInput;
import io.l4lb.bench.rig.Pipelines;
import io.l4lb.bench.rig.Site;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Function;

/** What a run found, made small and written down so that anybody can repeat it. */
final class Failure {
    private static final String INPUTS = "failure.inputs";
    private static final int TRIALS = 2_000;
    /** Of a second or two each. */
    private static final int TRIALS_IN_CHILDREN = 100;

    private static final int TRIAL_SECONDS_MAX = 120;

    private final Path root;
    private final Path directory;

    Failure(Path root, Path directory) {
        this.root = root;
        this.directory = directory;
    }

    /** Takes the inputs through new workers; throws what they throw. */
    void tryAll(List<byte[]> inputs) throws IOException {
        try (Pipelines pipelines = new Pipelines(Seeds.of(root).sites(), true)) {
            inputs.forEach(input -> pipelines.run(FuzzInput.of(input)));
        }
    }

    /** Tries first what an earlier run in the same folder found, so that no other seed lets it be forgotten. */
    boolean isThereStill(PrintWriter out) throws IOException {
        Path file = directory.resolve(INPUTS);
        if (!Files.exists(file)) {
            return false;
        }
        String cause = causeInChild(History.read(file));
        if (cause.isEmpty()) {
            Files.delete(file);
            return false;
        }
        out.println("as an earlier run found, " + howToRepeat(file) + ":");
        out.println(cause);
        return true;
    }

    private static String howToRepeat(Path file) {
        return "./l4lb bench fuzz --repeat " + file;
    }

    /**
     * Makes it small, and prints what it is.
     *
     * @param inputs up to the one that failed
     * @param ended whether it was the end of the process: then each trial has a process of its own
     */
    void explain(PrintWriter out, List<byte[]> inputs, boolean ended) throws IOException {
        Path file = directory.resolve(INPUTS);
        History.write(inputs, file);
        out.println("failed: " + howToRepeat(file));
        Seeds seeds = Seeds.of(root);
        List<Site> sites = seeds.sites();
        Function<List<byte[]>, String> cause = ended ? this::causeInChild : tried -> cause(sites, tried);
        Minimiser minimiser =
                new Minimiser(tried -> !cause.apply(tried).isEmpty(), ended ? TRIALS_IN_CHILDREN : TRIALS);
        List<byte[]> least = minimiser.minimise(inputs);
        History.write(least, file);
        FuzzInput last = FuzzInput.of(least.getLast());
        Path config = seeds.configs().get(last.site() % seeds.configs().size());
        Files.copy(config, directory.resolve("failure.yaml"), StandardCopyOption.REPLACE_EXISTING);
        CaptureFile.write(last, directory.resolve("failure.pcap"));
        out.println("made small: " + least.size() + " inputs, the last of "
                + last.steps().size()
                + " frames, which are failure.pcap beside it, for the configuration failure.yaml");
        out.println(cause.apply(least));
    }

    private static String cause(List<Site> sites, List<byte[]> inputs) {
        try (Pipelines pipelines = new Pipelines(sites, true)) {
            inputs.forEach(input -> pipelines.run(FuzzInput.of(input)));
            return "";
        } catch (RuntimeException | AssertionError e) {
            return e.toString();
        }
    }

    private String causeInChild(List<byte[]> inputs) {
        Path file = directory.resolve("trial.inputs");
        Path output = directory.resolve("trial.txt");
        try {
            History.write(inputs, file);
            int exitCode = new ChildJvm(root, directory)
                    .run(List.of(), Repeat.class.getName(), List.of(file.toString()), output, TRIAL_SECONDS_MAX);
            return exitCode == 0 ? "" : "exit code " + exitCode + "\n" + Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
