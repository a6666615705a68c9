package io.l4lb.bench.forward;

import io.l4lb.bench.contender.Contender;
import io.l4lb.bench.contender.ContenderException;
import io.l4lb.bench.contender.HugePages;
import io.l4lb.bench.shape.Mode;
import io.l4lb.net.Encapsulation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The real pipeline over real DPDK beside its yardsticks: {@code ./l4lb bench forward}. */
@Command(
        name = "forward",
        mixinStandardHelpOptions = true,
        description = {
            "CPU time per packet of the data plane, beside its twin in C and testpmd: same driver, same frames, same core,"
                    + " in turns. Every list gives one run per combination."
        })
public final class ForwardBench implements Callable<Integer> {
    private enum Family {
        IPV4,
        IPV6
    }

    @Option(names = "--flows", split = ",", paramLabel = "N", description = "Default: 1000,100000,1000000.")
    private int[] flows = {1000, 100_000, 1_000_000};

    @Option(names = "--family", split = ",", description = "ipv4, ipv6 (default: ipv4).")
    private Family[] families = {Family.IPV4};

    @Option(names = "--encapsulation", split = ",", description = "ipip, gue (default: ipip).")
    private Encapsulation[] encapsulations = {Encapsulation.IPIP};

    @Option(
            names = "--mode",
            split = ",",
            description =
                    "rxfree, fwd, mac: the driver's floors; lb; maglev: no flow table; new: each packet a new flow"
                            + " (default: lb).")
    private Mode[] modes = {Mode.LB};

    @Option(names = "--workers", paramLabel = "N", description = "Queues and threads (default: ${DEFAULT-VALUE}).")
    private int workers = 1;

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

    @Option(names = "--frame-bytes", paramLabel = "N", description = "Without FCS, at least the headers (default: 60).")
    private int frameBytes = 60;

    @Option(names = "--vips", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int vips = 1;

    @Option(names = "--backends", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int backends = 100;

    @Option(names = "--no-huge", description = "Ordinary pages for every contender.")
    private boolean noHuge;

    @Option(names = "--jvm-option", paramLabel = "OPTION", description = "For the Java contender; may be repeated.")
    private List<String> jvmOptions = List.of();

    @Option(names = "--json", paramLabel = "FILE", description = "Every sample.")
    private Path json;

    @Option(names = "--plot", paramLabel = "FILE.svg", description = "CPU time per packet against flows.")
    private Path plot;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException {
        List<Cell> cells = cells();
        Starter starter = new Starter(
                List.of(against), cpus(), jvmOptions, command.commandLine().getErr());
        starter.missing().ifPresent(message -> {
            throw new ParameterException(command.commandLine(), message);
        });
        List<CellResult> results = new ArrayList<>();
        PrintWriter out = command.commandLine().getOut();
        try (HugePages hugePages = hugePages(cells)) {
            boolean huge = !noHuge && hugePages.granted();
            for (Cell cell : cells) {
                results.add(measure(cell, starter, huge));
            }
            Map<String, String> facts = Machine.facts(starter.root(), starter.dpdkVersion(), jvmOptions);
            facts.put("memory", huge ? "huge pages" : "ordinary pages");
            facts.put("lcores", cpus().toString());
            facts.put("rounds", rounds + " of " + seconds + " s");
            report(out, facts, results);
        } catch (ContenderException e) {
            command.commandLine().getErr().println("bench: " + e.getMessage());
            return 1;
        }
        return 0;
    }

    private void report(PrintWriter out, Map<String, String> facts, List<CellResult> results) throws IOException {
        ForwardTable.print(out, facts, results);
        if (json != null) {
            ForwardJson.write(json, facts, results);
        }
        if (plot != null) {
            ForwardPlot.write(plot, facts, results);
        }
    }

    private HugePages hugePages(List<Cell> cells) {
        long each = noHuge
                ? 0
                : cells.stream().mapToInt(Cell::memoryMegabytes).max().orElseThrow();
        return HugePages.ask(each * (against.length + 1));
    }

    private CellResult measure(Cell cell, Starter starter, boolean huge) throws IOException {
        PrintWriter err = command.commandLine().getErr();
        err.println(cell + ": starting");
        List<Contender> contenders = starter.start(cell, huge);
        try {
            contenders.forEach(contender -> contender.run(warmUpSeconds, 0.01));
            CellResult result = new CellResult(
                    cell, contenders.stream().map(Contender::name).toList());
            for (int round = 1; round <= rounds; round++) {
                StringBuilder line = new StringBuilder("  round " + round + "/" + rounds);
                // every other round in the other order: whoever comes first finds the caches as the last one left them
                for (Contender contender : round % 2 == 1 ? contenders : contenders.reversed()) {
                    var sample = contender.run(Math.min(warmUpSeconds, 0.3), seconds);
                    result.add(contender.name(), sample);
                    line.append(String.format(Locale.ROOT, "  %s %.2f ns", contender.name(), sample.nsPerPacket()));
                }
                err.println(line);
            }
            return result;
        } finally {
            contenders.forEach(Contender::close);
        }
    }

    private List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        for (Mode mode : modes) {
            for (Family family : families) {
                for (Encapsulation encapsulation : encapsulations) {
                    for (int flowCount : flows) {
                        cells.add(new Cell(
                                mode,
                                family == Family.IPV6,
                                encapsulation,
                                flowCount,
                                workers,
                                frameBytes,
                                vips,
                                backends));
                    }
                }
            }
        }
        return cells;
    }

    private List<Integer> cpus() {
        int processors = Runtime.getRuntime().availableProcessors();
        if (lcores.isEmpty()) {
            return IntStream.range(0, workers)
                    .map(i -> processors - 1 - i)
                    .boxed()
                    .toList();
        }
        return lcores;
    }
}
