package io.l4lb.bench.stall;

import io.l4lb.bench.contender.ContenderException;
import io.l4lb.bench.gaps.LoadShape;
import io.l4lb.bench.measure.Machine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** For how long a worker does not come round: {@code ./l4lb bench stall}. */
@Command(
        name = "stall",
        mixinStandardHelpOptions = true,
        description = {
            "The gaps between a worker's passes while the control side allocates, rebuilds all Maglev tables, hands them over,"
                    + " and reads all counters, without pause; beside a loop in C on the same CPU, alone and with a load of the"
                    + " same kind. In turns.",
            "Percentiles by passes say how many passes came no later; a long gap is one pass among millions there. By time"
                    + " they weigh a gap by its length: p99.99 is the gap than which 9,999 packets in 10,000 meet none longer.",
        })
public final class StallBench implements Callable<Integer> {
    @Option(names = "--seconds", paramLabel = "S", description = "Measured, a round (default: ${DEFAULT-VALUE}).")
    private double seconds = 20;

    @Option(names = "--warm-up", paramLabel = "S", description = "Before the first round (default: ${DEFAULT-VALUE}).")
    private double warmUpSeconds = 8;

    @Option(names = "--rounds", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int rounds = 3;

    @Option(
            names = "--collector",
            split = ",",
            description = "zgc, g1, parallel, serial, shenandoah: a contender each (default: zgc).")
    private List<Collector> collectors = List.of(Collector.ZGC);

    @Option(
            names = "--jvm-threads",
            split = ",",
            description = "apart: off the worker's CPU, as in a node; anywhere; a contender each (default: apart).")
    private List<JvmThreads> jvmThreads = List.of(JvmThreads.APART);

    @Option(names = "--allocate", paramLabel = "MB", description = "Garbage a second (default: ${DEFAULT-VALUE}).")
    private int megabytesPerSecond = 100;

    @Option(
            names = "--vips",
            paramLabel = "N",
            description = "Each with a pool of its own (default: ${DEFAULT-VALUE}).")
    private int vips = 100;

    @Option(names = "--backends", paramLabel = "N", description = "Of each pool (default: ${DEFAULT-VALUE}).")
    private int backends = 1000;

    @Option(names = "--lcore", paramLabel = "CPU", description = "The worker's (default: the last).")
    private int lcore = Runtime.getRuntime().availableProcessors() - 1;

    @Option(names = "--jvm-option", paramLabel = "OPTION", description = "For the Java contenders; may be repeated.")
    private List<String> jvmOptions = List.of();

    @Option(names = "--json", paramLabel = "FILE", description = "Every round, every gap.")
    private Path json;

    @Option(names = "--plot", paramLabel = "FILE.svg", description = "Gaps by time, against how rare they are.")
    private Path plot;

    @Spec
    private CommandSpec command;

    /** Who runs in a round, and under what name. */
    private record Entrant(StallContender contender, boolean loaded, StallResult result) {}

    @Override
    public Integer call() throws IOException {
        if (rounds < 1 || !(seconds > 0)) {
            throw new ParameterException(
                    command.commandLine(),
                    "--rounds " + rounds + ", --seconds " + seconds + ": expected 1 or more, and more than 0");
        }
        StallStarter starter =
                new StallStarter(jvmOptions, command.commandLine().getErr());
        starter.missing().ifPresent(message -> {
            throw new ParameterException(command.commandLine(), message);
        });
        List<StallContender> started = new ArrayList<>();
        try {
            List<Entrant> entrants = start(starter, started);
            measure(entrants);
            report(
                    facts(started.getFirst().dpdkVersion()),
                    entrants.stream().map(Entrant::result).toList());
            return 0;
        } catch (ContenderException e) {
            command.commandLine().getErr().println("bench: " + e.getMessage());
            return 1;
        } finally {
            started.forEach(StallContender::close);
        }
    }

    private List<Entrant> start(StallStarter starter, List<StallContender> started) throws IOException {
        List<Entrant> entrants = new ArrayList<>();
        StallContender floor = starter.floor(lcore, vips);
        started.add(floor);
        entrants.add(new Entrant(floor, false, new StallResult("C", false)));
        entrants.add(new Entrant(floor, true, new StallResult("C, loaded", false)));
        for (Collector collector : collectors) {
            for (JvmThreads threads : jvmThreads) {
                String name = "java, " + collector.label() + (threads == JvmThreads.APART ? "" : ", anywhere");
                LoadShape shape = new LoadShape(lcore, vips, backends, megabytesPerSecond, threads == JvmThreads.APART);
                StallContender contender = starter.java(collector, shape);
                started.add(contender);
                entrants.add(new Entrant(contender, true, new StallResult(name, true)));
            }
        }
        return entrants;
    }

    private void measure(List<Entrant> entrants) {
        PrintWriter err = command.commandLine().getErr();
        for (int round = 1; round <= rounds; round++) {
            for (Entrant entrant : round % 2 == 1 ? entrants : entrants.reversed()) {
                boolean first = round == 1 && entrant.result().isJava();
                StallSample sample = entrant.contender()
                        .run(first ? warmUpSeconds : Math.min(1, warmUpSeconds), seconds, entrant.loaded());
                entrant.result().add(sample);
                err.printf(
                        Locale.ROOT,
                        "  round %d/%d  %-22s p99.99 %.1f us by passes, %.1f us by time, longest %.1f us%n",
                        round,
                        rounds,
                        entrant.result().name(),
                        StallResult.byPassUs(sample),
                        StallResult.byTimeUs(sample),
                        sample.gaps().all().getMaxValue() / StallResult.NANOS_PER_MICRO);
            }
        }
    }

    private Map<String, String> facts(String dpdkVersion) {
        Map<String, String> facts = Machine.facts(StallStarter.root(), dpdkVersion, jvmOptions);
        facts.put("lcore", Integer.toString(lcore));
        facts.put("rounds", rounds + " of " + seconds + " s");
        facts.put(
                "control side",
                "%d MB/s of garbage; %d VIPs of %d backends rebuilt, handed over and counted without pause"
                        .formatted(megabytesPerSecond, vips, backends));
        return facts;
    }

    private void report(Map<String, String> facts, List<StallResult> results) throws IOException {
        StallTable.print(command.commandLine().getOut(), facts, results);
        if (json != null) {
            StallJson.write(json, facts, results);
        }
        if (plot != null) {
            StallPlot.write(plot, facts, results);
        }
    }
}
