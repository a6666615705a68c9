package io.l4lb.bench.forward;

import io.l4lb.bench.measure.Cell;
import io.l4lb.bench.measure.Measurement;
import io.l4lb.bench.measure.Results;
import io.l4lb.bench.measure.RunOptions;
import io.l4lb.bench.measure.Tables;
import io.l4lb.bench.measure.Traffic;
import io.l4lb.bench.report.ResultJson;
import io.l4lb.bench.report.ResultPlot;
import io.l4lb.bench.report.ResultTable;
import io.l4lb.bench.report.Row;
import io.l4lb.bench.shape.Mode;
import io.l4lb.bench.shape.Replicated;
import io.l4lb.net.Encapsulation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
                    + " in turns. Every list gives one run per combination. Above a million flows each captured frame stands for"
                    + " several: the client's address is another each time round the capture."
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
                    "rxfree, fwd, mac: the driver's floors; lb; maglev: no flow table; new: each packet the SYN of a new flow;"
                            + " short: each 64 packets a new connection, SYN to FIN, --flows divided by 64 of them at a time"
                            + " (default: lb).")
    private Mode[] modes = {Mode.LB};

    @Option(
            names = "--replication",
            split = ",",
            description =
                    "off, established (flows from their second packet on, so nothing in mode new), all (every SYN): what the"
                            + " workers tell a journal on disk, whose thread runs on another CPU. Several take turns and are"
                            + " held against the first (default: off).")
    private Replicated[] replications = {Replicated.OFF};

    @Option(names = "--workers", paramLabel = "N", description = "Devices and threads (default: ${DEFAULT-VALUE}).")
    private int workers = 1;

    @Option(names = "--frame-bytes", paramLabel = "N", description = "Without FCS, at least the headers (default: 60).")
    private int frameBytes = Traffic.FRAME_BYTES;

    @Option(names = "--vips", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int vips = 1;

    @Option(names = "--backends", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int backends = 100;

    @Option(
            names = "--plot",
            paramLabel = "FILE.svg",
            description =
                    "CPU time per packet against flows; with several --replication, beside that of the journal thread.")
    private Path plot;

    @Mixin
    private RunOptions options;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException {
        List<List<Cell>> turns;
        try {
            turns = turns();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
        return Measurement.run(command, options, turns, this::report);
    }

    private void report(Results results, PrintWriter out) throws IOException {
        List<Row> rows = results.cells().stream()
                .map(result ->
                        new Row(result.cell().kind(), result.cell().traffic().flows(), result))
                .toList();
        ResultTable.printFacts(out, results.facts());
        ResultTable.print(out, "flows", rows);
        if (replications.length > 1) {
            ReplicationCost.print(out, results.cells(), replications.length);
        }
        if (options.json().isPresent()) {
            ResultJson.write(options.json().get(), results);
        }
        if (plot != null && replications.length > 1) {
            ReplicationPlot.write(plot, results.facts(), results.cells());
        } else if (plot != null) {
            ResultPlot.write(plot, results.facts(), new ResultPlot.Axis("flows", true), rows);
        }
    }

    private List<List<Cell>> turns() {
        List<List<Cell>> turns = new ArrayList<>();
        for (Mode mode : modes) {
            for (Family family : families) {
                for (Encapsulation encapsulation : encapsulations) {
                    for (int flowCount : flows) {
                        turns.add(Arrays.stream(replications)
                                .map(replicated -> new Cell(
                                        mode,
                                        family == Family.IPV6,
                                        encapsulation,
                                        workers,
                                        Traffic.of(flowCount, frameBytes),
                                        Tables.forFlows(vips, backends, flowCount),
                                        replicated))
                                .toList());
                    }
                }
            }
        }
        return turns;
    }
}
