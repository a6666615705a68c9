package io.l4lb.bench.simulation;

import com.fasterxml.jackson.jr.ob.JSON;
import io.l4lb.bench.simulation.Simulation.Outcome;
import io.l4lb.bench.simulation.Simulation.Scale;
import io.l4lb.bench.simulation.Truth.Count;
import io.l4lb.bench.simulation.Truth.Violation;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Clusters under random events: {@code ./l4lb bench simulate}. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description = {
            "Runs simulated clusters, one a seed: kill -9, lost power, partitions, slow and cut connections, routers that hash"
                    + " anew, backends that come and go, clients that idle, close and reuse their ports; with the real pin"
                    + " stage, flow tables and replication. Ends with 1 if an established connection broke that must not have,"
                    + " and says how to repeat it."
        })
public final class SimulateBench implements Callable<Integer> {
    private static final int VIOLATIONS_SHOWN = 20;
    private static final long NS_PER_SECOND = 1_000_000_000L;

    @Option(names = "--seeds", paramLabel = "N", description = "How many clusters (default: ${DEFAULT-VALUE}).")
    private int seeds = 100;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "The first; the others follow (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    @Option(names = "--nodes", paramLabel = "N", description = "At most 100 (default: 3 to 8, by seed).")
    private int nodes;

    @Option(names = "--backends", paramLabel = "N", description = "At most 10,000 (default: ${DEFAULT-VALUE}).")
    private int backends = 20;

    @Option(
            names = "--flows",
            paramLabel = "N",
            description = "5-tuples, at most 1,000,000 (default: ${DEFAULT-VALUE}).")
    private int flows = 150;

    @Option(names = "--steps", paramLabel = "N", description = "Of the clock, a cluster (default: ${DEFAULT-VALUE}).")
    private int steps = 600;

    @Option(
            names = "--replication",
            paramLabel = "on|off",
            description = "off: what the same events break without it (default: ${DEFAULT-VALUE}).")
    private Switch replication = Switch.ON;

    @Option(
            names = "--trace",
            paramLabel = "FLOW",
            description =
                    "Runs the first seed alone, and prints what this 5-tuple, a number, met and who knew it when.")
    private int tracedFlow = -1;

    @Option(names = "--json", description = "One JSON document for programs.")
    private boolean json;

    @Spec
    private CommandSpec command;

    /** As an option says it. */
    enum Switch {
        ON,
        OFF
    }

    @Override
    public Integer call() throws IOException {
        if (seeds < 1) {
            throw new ParameterException(command.commandLine(), "--seeds " + seeds + ": expected 1 or more");
        }
        Scale scale;
        try {
            scale = new Scale(nodes, backends, flows, steps, replication == Switch.ON);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
        PrintWriter out = command.commandLine().getOut();
        if (tracedFlow >= 0) {
            return trace(out, scale);
        }
        long[] sums = new long[Count.values().length];
        List<Violation> violations = new ArrayList<>();
        long startNs = System.nanoTime();
        for (long each = seed; each < seed + seeds; each++) {
            Outcome outcome = run(each, scale);
            for (int i = 0; i < sums.length; i++) {
                sums[i] += outcome.counts()[i];
            }
            if (outcome.violation().isPresent()) {
                violations.add(outcome.violation().get());
                if (!json && violations.size() <= VIOLATIONS_SHOWN) {
                    show(out, scale, outcome.violation().get());
                }
            }
        }
        double seconds = (System.nanoTime() - startNs) / (double) NS_PER_SECOND;
        if (json) {
            out.println(JSON.std.asString(document(scale, sums, violations, seconds)));
        } else {
            print(out, scale, sums, violations.size(), seconds);
        }
        return violations.isEmpty() ? 0 : 1;
    }

    private static Outcome run(long seed, Scale scale) {
        try (Simulation simulation = new Simulation(seed, scale)) {
            return simulation.run();
        }
    }

    private static void show(PrintWriter out, Scale scale, Violation violation) {
        out.printf(
                "seed %d, %.3f s: %s%n  again: ./l4lb bench simulate --seed %d --trace %d %s%n",
                violation.seed(),
                violation.atNs() / 1e9,
                violation.words(),
                violation.seed(),
                violation.flow(),
                scale.words());
        out.flush();
    }

    /** The same run again, and all that one 5-tuple met in it. */
    private int trace(PrintWriter out, Scale scale) {
        try (Simulation again = new Simulation(seed, scale, OptionalInt.of(tracedFlow))) {
            Outcome outcome = again.run();
            outcome.trace().forEach(out::println);
            outcome.violation()
                    .ifPresent(violation -> out.printf("%.3f s: %s%n", violation.atNs() / 1e9, violation.words()));
            return outcome.violation().isEmpty() ? 0 : 1;
        }
    }

    private void print(PrintWriter out, Scale scale, long[] sums, int violations, double seconds) {
        out.printf("seeds %d to %d, %s%n", seed, seed + seeds - 1, scale.words());
        for (Count count : Count.values()) {
            out.printf("%,15d  %s%n", sums[count.ordinal()], count.label());
        }
        out.printf("%.1f s, %.1f ms a seed%n", seconds, seconds * 1000 / seeds);
        out.printf("violations in %d of %d seeds%n", violations, seeds);
    }

    private Map<String, Object> document(Scale scale, long[] sums, List<Violation> violations, double seconds) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("firstSeed", seed);
        document.put("seeds", seeds);
        document.put("scale", scale.words());
        Map<String, Object> counts = new LinkedHashMap<>();
        for (Count count : Count.values()) {
            counts.put(count.name().toLowerCase(Locale.ROOT), sums[count.ordinal()]);
        }
        document.put("counts", counts);
        document.put("violations", violations.stream().map(Violation::words).toList());
        document.put("violatingSeeds", violations.stream().map(Violation::seed).toList());
        document.put("seconds", seconds);
        return document;
    }
}
