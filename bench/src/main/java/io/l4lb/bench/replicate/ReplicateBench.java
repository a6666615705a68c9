package io.l4lb.bench.replicate;

import com.fasterxml.jackson.jr.ob.JSON;
import io.l4lb.bench.journaling.TemporaryDirectory;
import io.l4lb.bench.measure.Machine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** Flow state's way through ring, journal, peer and restart: {@code ./l4lb bench replicate}. */
@Command(
        name = "replicate",
        mixinStandardHelpOptions = true,
        description = {
            "Flow state from a worker's ring to the journal (pins of IPv4 flows a second on one core), to a peer (lag from pin"
                    + " to applied, two nodes in this process, TLS over loopback, which needs openssl), and back into the table"
                    + " when a node starts from its journals, whose pages the kernel still has."
        })
public final class ReplicateBench implements Callable<Integer> {
    private enum Part {
        THROUGHPUT,
        LAG,
        RESTART
    }

    private static final int WARM_UP_PER_SECOND = 1_000_000;
    private static final double WARM_UP_MAX_SECONDS = 60;

    @Option(names = "--part", split = ",", description = "throughput, lag, restart (default: all).")
    private List<Part> parts = List.of(Part.values());

    @Option(
            names = "--rate",
            split = ",",
            paramLabel = "N",
            description = "throughput: offered a second, 0: as fast as it goes (default: 1000000,0).")
    private double[] rates = {1_000_000, 0};

    @Option(names = "--lag-rate", paramLabel = "N", description = "lag: offered a second (default: ${DEFAULT-VALUE}).")
    private double lagRate = 100_000;

    @Option(names = "--seconds", paramLabel = "S", description = "Of throughput and lag (default: ${DEFAULT-VALUE}).")
    private double seconds = 10;

    @Option(
            names = "--warm-up",
            paramLabel = "S",
            description = "lag: before that; throughput: as many flows as in that time at a million a second"
                    + " (default: ${DEFAULT-VALUE}).")
    private double warmUpSeconds = 3;

    @Option(names = "--plain", description = "lag: TCP without TLS.")
    private boolean isPlain;

    @Option(names = "--flows", paramLabel = "N", description = "restart: live flows (default: ${DEFAULT-VALUE}).")
    private int flows = 10_000_000;

    @Option(names = "--table", paramLabel = "N", description = "Size of the replica table (default: ${DEFAULT-VALUE}).")
    private int table = 1 << 24;

    @Option(
            names = "--cpu",
            paramLabel = "CPU",
            description = "throughput: for the journal thread (default: the last).")
    private int cpu = Runtime.getRuntime().availableProcessors() - 1;

    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description = "Where the journals are made and removed (default: the temporary folder).")
    private Path directory = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--json", paramLabel = "FILE", description = "The same for programs.")
    private Path json;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException {
        boolean isWarmUpSane = warmUpSeconds >= 0 && warmUpSeconds <= WARM_UP_MAX_SECONDS;
        if (flows < 2 || !(seconds > 0) || !(lagRate > 0) || table < 1024 || !isWarmUpSane) {
            throw new ParameterException(
                    command.commandLine(),
                    "--flows is 2 or more, --table 1024 or more, --seconds and --lag-rate more than 0, --warm-up 0 to 60");
        }
        PrintWriter out = command.commandLine().getOut();
        Map<String, Object> document = new LinkedHashMap<>();
        Map<String, String> facts = Machine.facts(Path.of(System.getProperty("l4lb.root", ".")), "none", List.of());
        facts.forEach((name, value) -> out.printf("%s: %s%n", name, value));
        document.put("machine", facts);
        for (Part part : parts) {
            document.put(part.name().toLowerCase(Locale.ROOT), run(part, out));
            out.flush();
        }
        if (json != null) {
            Files.writeString(
                    json, JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(document) + "\n");
        }
        return 0;
    }

    private List<Map<String, Object>> run(Part part, PrintWriter out) throws IOException {
        List<Map<String, Object>> results = new ArrayList<>();
        for (double rate : part == Part.THROUGHPUT ? rates : new double[] {lagRate}) {
            try (TemporaryDirectory place = TemporaryDirectory.below(directory)) {
                Map<String, Object> result = switch (part) {
                    case THROUGHPUT ->
                        ThroughputRun.run(
                                place.path(),
                                rate,
                                seconds,
                                (int) (warmUpSeconds * WARM_UP_PER_SECOND),
                                table,
                                OptionalInt.of(cpu));
                    case LAG -> LagRun.run(place.path(), rate, seconds, warmUpSeconds, table, isPlain);
                    case RESTART -> new RestartRun(place.path(), flows).run();
                };
                results.add(result);
                out.println();
                out.println(part.name().toLowerCase(Locale.ROOT));
                result.forEach((name, value) -> out.printf("  %-22s %s%n", name, text(value)));
            }
        }
        return results;
    }

    private static String text(Object value) {
        return value instanceof Double number
                ? "%,.2f".formatted(number)
                : value instanceof Long count ? "%,d".formatted(count) : value.toString();
    }
}
