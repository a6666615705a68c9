package io.l4lb.bench.workers;

import io.l4lb.bench.measure.Cell;
import io.l4lb.bench.measure.Measurement;
import io.l4lb.bench.measure.Results;
import io.l4lb.bench.measure.RunOptions;
import io.l4lb.bench.measure.Tables;
import io.l4lb.bench.measure.Traffic;
import io.l4lb.bench.report.ResultJson;
import io.l4lb.bench.report.ResultTable;
import io.l4lb.bench.shape.Mode;
import io.l4lb.net.Encapsulation;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** CPU time per packet of several workers, held against that of one: {@code ./l4lb bench workers}. */
@Command(
        name = "workers",
        mixinStandardHelpOptions = true,
        description = {
            "What further workers cost: CPU time per packet of several, each with a device of its own, over that of one, in"
                    + " turns. 1.00: they share nothing. The driver's floors (rxfree, mac) show what is shared below the"
                    + " pipeline: caches, memory, DPDK. Other programs on the machine's CPUs disturb both."
        })
public final class WorkersBench implements Callable<Integer> {
    /** Few enough that the mbufs of all captures stay in the last-level cache: the driver's copies are not to compete. */
    private static final int CAPTURED = 1000;

    @Option(names = "--workers", paramLabel = "N", description = "Held against one (default: ${DEFAULT-VALUE}).")
    private int workers = 2;

    @Option(names = "--mode", split = ",", description = "As of bench forward (default: rxfree,mac,lb).")
    private Mode[] modes = {Mode.RXFREE, Mode.MAC, Mode.LB};

    @Option(
            names = "--flows",
            split = ",",
            paramLabel = "N",
            description = "Of each worker; above 1,000 a captured frame stands for several (default: 1000,100000).")
    private int[] flows = {1000, 100_000};

    @Option(names = "--backends", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int backends = 100;

    @Mixin
    private RunOptions options;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException {
        if (workers < 2) {
            throw new ParameterException(command.commandLine(), "--workers " + workers + ": expected 2 or more");
        }
        List<List<Cell>> turns = new ArrayList<>();
        try {
            for (int flowCount : flows) {
                for (Mode mode : modes) {
                    turns.add(List.of(cell(mode, flowCount, 1), cell(mode, flowCount, workers)));
                }
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--flows: " + e.getMessage(), e);
        }
        return Measurement.run(command, options, turns, this::report);
    }

    private Cell cell(Mode mode, int flowCount, int workerCount) {
        Traffic traffic = new Traffic(flowCount, Math.min(flowCount, CAPTURED), Traffic.FRAME_BYTES, Traffic.BURST);
        return new Cell(mode, false, Encapsulation.IPIP, workerCount, traffic, Tables.forFlows(1, backends, flowCount));
    }

    private void report(Results results, PrintWriter out) throws IOException {
        ResultTable.printFacts(out, results.facts());
        WorkersTable.print(out, workers, results.cells());
        if (options.json().isPresent()) {
            ResultJson.write(options.json().get(), results);
        }
    }
}
