package io.l4lb.bench.fuzz;

import io.l4lb.bench.rig.FuzzInput;
import io.l4lb.bench.rig.Pipelines;
import io.l4lb.bench.rig.Site;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** What a run found, made small and written down so that anybody can repeat it. */
final class Failure {
    private static final String INPUTS = "failure.inputs";
    private static final int TRIALS = 2_000;

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
        String cause = cause(Seeds.of(root).sites(), History.read(file));
        if (cause.isEmpty()) {
            Files.delete(file);
            return false;
        }
        out.println("as an earlier run found, ./l4lb bench fuzz --repeat " + file + ":");
        out.println(cause);
        return true;
    }

    /** Makes it small, and prints what it is. {@code inputs}: up to the one that failed */
    void explain(PrintWriter out, List<byte[]> inputs) throws IOException {
        Path file = directory.resolve(INPUTS);
        History.write(inputs, file);
        out.println("failed; its inputs: ./l4lb bench fuzz --repeat " + file);
        out.flush(); // the next may end this process, as it ended the other
        Seeds seeds = Seeds.of(root);
        List<Site> sites = seeds.sites();
        List<byte[]> least = new Minimiser(tried -> isFailing(sites, tried), TRIALS).minimise(inputs);
        History.write(least, file);
        FuzzInput last = FuzzInput.of(least.getLast());
        Path config = seeds.configs().get(last.site() % seeds.configs().size());
        Files.copy(config, directory.resolve("failure.yaml"), StandardCopyOption.REPLACE_EXISTING);
        CaptureFile.write(last, directory.resolve("failure.pcap"));
        out.println("made small: " + least.size() + " inputs, the last of "
                + last.steps().size()
                + " frames, which are failure.pcap beside it, for the configuration failure.yaml");
        out.println(cause(sites, least));
    }

    private static boolean isFailing(List<Site> sites, List<byte[]> inputs) {
        return !cause(sites, inputs).isEmpty();
    }

    private static String cause(List<Site> sites, List<byte[]> inputs) {
        try (Pipelines pipelines = new Pipelines(sites, true)) {
            inputs.forEach(input -> pipelines.run(FuzzInput.of(input)));
            return "";
        } catch (RuntimeException | AssertionError e) {
            return e.toString();
        }
    }
}
