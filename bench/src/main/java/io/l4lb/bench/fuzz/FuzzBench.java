package io.l4lb.bench.fuzz;

import io.l4lb.bench.fuzz.Jazzer.Result;
import io.l4lb.bench.strict.BrokenPromise;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Frames that nobody thought of: {@code ./l4lb bench fuzz}. */
@Command(
        name = "fuzz",
        mixinStandardHelpOptions = true,
        description = {
            "Takes sequences of frames through whole workers, led by coverage (Jazzer) from the golden cases on. With each: nothing"
                    + " outside the mbuf is touched, every mbuf has one owner and every packet one counted outcome, what leaves is"
                    + " well-formed and holds the client's packet unchanged, nothing is allocated. Ends with 1 if a promise was"
                    + " broken, and says how to repeat it."
        })
public final class FuzzBench implements Callable<Integer> {
    private static final int SECONDS_A_MINUTE = 60;
    private static final int MINUTES_MAX = 7 * 24 * 60;

    @Option(names = "--minutes", paramLabel = "N", description = "How long (default: ${DEFAULT-VALUE}).")
    private double minutes = 1;

    @Option(names = "--seed", paramLabel = "S", description = "Of the fuzzer's random numbers (default: a new one).")
    private Long seed;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "For the corpus, which grows from run to run, and for what is found (default: .build/fuzz).")
    private Path directory;

    @Option(names = "--repeat", paramLabel = "FILE", description = "Tries the inputs of this file, and nothing else.")
    private Path repeat;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!(minutes > 0) || minutes > MINUTES_MAX) {
            throw new ParameterException(
                    command.commandLine(), "--minutes " + minutes + ": expected more than 0, at most " + MINUTES_MAX);
        }
        Path root = Path.of(System.getProperty("l4lb.root"));
        Path where = (directory == null ? root.resolve(".build/fuzz") : directory).toAbsolutePath();
        Failure failure = new Failure(root, where);
        PrintWriter out = command.commandLine().getOut();
        if (repeat != null) {
            Repeat.inputs(root, repeat);
            out.println("no promise was broken");
            return 0;
        }
        Files.createDirectories(where);
        if (failure.isThereStill(out)) {
            return 1;
        }
        Files.deleteIfExists(where.resolve(PipelineTarget.HISTORY)); // of another run
        long used = seed == null ? System.nanoTime() & 0x7fff_ffff : seed;
        out.println("seed " + used + "; what Jazzer says: " + where.resolve("log.txt"));
        Result result = new Jazzer(root, where).run(Seeds.of(root), (int) Math.ceil(minutes * SECONDS_A_MINUTE), used);
        if (result.exitCode() != 0 && !Files.exists(where.resolve(PipelineTarget.HISTORY))) {
            out.println("the run failed before its first input");
            return 1;
        }
        if (result.exitCode() != 0) {
            failure.explain(
                    out, History.read(where.resolve(PipelineTarget.HISTORY)), result.exitCode() != Jazzer.FOUND);
            return 1;
        }
        List<byte[]> corpus = corpus(where);
        try {
            failure.tryAll(corpus);
        } catch (BrokenPromise e) {
            failure.explain(out, corpus, false);
            return 1;
        }
        report(out, result, Files.readAllLines(where.resolve(PipelineTarget.REACHED)));
        return 0;
    }

    /** Of this run and those before; to be tried again where no instrument allocates. */
    private static List<byte[]> corpus(Path where) throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        for (String folder : List.of("seeds", "corpus")) {
            try (Stream<Path> files = Files.list(where.resolve(folder))) {
                for (Path file : files.sorted().toList()) {
                    inputs.add(Files.readAllBytes(file));
                }
            }
        }
        return inputs;
    }

    private static void report(PrintWriter out, Result result, List<String> reached) {
        out.printf(
                Locale.ROOT,
                "%,d inputs, no promise broken; %,d edges, %,d features, %,d inputs in the corpus, which allocate nothing%n",
                result.executions(),
                result.edges(),
                result.features(),
                result.corpus());
        out.println("reached: " + String.join(" ", reached));
    }
}
