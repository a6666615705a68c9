package io.l4lb.bench.measure;

import io.l4lb.bench.contender.Contender;
import io.l4lb.bench.contender.ContenderException;
import io.l4lb.bench.contender.HugePages;
import io.l4lb.bench.contender.Sample;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Runs cells, with the contenders of a cell in turns, round by round. One thread; one measurement a command. */
public final class Measurement {
    /** Takes the results to people and files. */
    @FunctionalInterface
    public interface Report {
        void write(Results results, PrintWriter out) throws IOException;
    }

    private final RunOptions options;
    private final PrintWriter err;
    private final Contenders starter;
    private boolean huge;

    private Measurement(RunOptions options, PrintWriter err) {
        this.options = options;
        this.err = err;
        this.starter = new Contenders(options, err);
    }

    /**
     * Measures and reports.
     *
     * @param turns one list after the other; the cells within a list take turns too, so that they can be held against each
     *     other
     * @return the command's exit code
     */
    public static int run(CommandSpec command, RunOptions options, List<List<Cell>> turns, Report report)
            throws IOException {
        PrintWriter err = command.commandLine().getErr();
        Measurement measurement = new Measurement(options, err);
        int workers = turns.stream()
                .flatMap(List::stream)
                .mapToInt(Cell::workers)
                .max()
                .orElseThrow();
        try {
            options.check();
            options.cpus(workers);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
        measurement.starter.missing().ifPresent(message -> {
            throw new ParameterException(command.commandLine(), message);
        });
        try {
            report.write(
                    measurement.results(turns, workers), command.commandLine().getOut());
            return 0;
        } catch (ContenderException e) {
            err.println("bench: " + e.getMessage());
            return 1;
        }
    }

    private Results results(List<List<Cell>> turns, int workers) throws IOException {
        List<CellResult> results = new ArrayList<>();
        try (HugePages hugePages = hugePages(turns)) {
            huge = !options.noHuge() && hugePages.granted();
            for (List<Cell> cells : turns) {
                results.addAll(measure(cells));
            }
        }
        Map<String, String> facts = Machine.facts(starter.root(), starter.dpdkVersion(), options.jvmOptions());
        facts.put("memory", huge ? "huge pages" : "ordinary pages");
        facts.put("lcores", options.cpus(workers).toString());
        facts.put("rounds", options.rounds() + " of " + options.seconds() + " s");
        return new Results(facts, results);
    }

    private HugePages hugePages(List<List<Cell>> turns) {
        long each = options.noHuge()
                ? 0
                : turns.stream()
                        .mapToLong(cells ->
                                cells.stream().mapToLong(Cell::memoryMegabytes).sum())
                        .max()
                        .orElseThrow();
        return HugePages.ask(each * (options.against().size() + 1));
    }

    private List<CellResult> measure(List<Cell> cells) throws IOException {
        List<Turn> turns = new ArrayList<>();
        try {
            for (Cell cell : cells) {
                err.println(cell + ": starting");
                List<Contender> contenders = starter.start(cell, huge);
                CellResult result = new CellResult(
                        cell, contenders.stream().map(Contender::name).toList());
                contenders.forEach(contender -> turns.add(new Turn(contender, result)));
            }
            turns.forEach(turn -> turn.contender.run(options.warmUpSeconds(), 0.01));
            for (int round = 1; round <= options.rounds(); round++) {
                err.println(
                        "  round " + round + "/" + options.rounds() + round(round % 2 == 1 ? turns : turns.reversed()));
            }
            return turns.stream().map(Turn::result).distinct().toList();
        } finally {
            turns.forEach(turn -> turn.contender.close());
        }
    }

    private record Turn(Contender contender, CellResult result) {}

    /** Every other round goes in the other order: whoever comes first finds the caches as the last one left them. */
    private String round(List<Turn> turns) {
        StringBuilder line = new StringBuilder();
        for (Turn turn : turns) {
            Sample sample = turn.contender.run(Math.min(options.warmUpSeconds(), 0.3), options.seconds());
            turn.result.add(turn.contender.name(), sample);
            line.append(String.format(Locale.ROOT, "  %s %.2f ns", turn.contender.name(), sample.nsPerPacket()));
        }
        return line.toString();
    }
}
