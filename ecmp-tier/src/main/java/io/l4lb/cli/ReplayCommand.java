package io.l4lb.cli;

import io.l4lb.cli.report.CounterReport;
import io.l4lb.cli.report.Json;
import io.l4lb.cli.usage.ConfigOption;
import io.l4lb.cli.usage.ExitCode;
import io.l4lb.cli.usage.WrongUseException;
import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.CounterSnapshot;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.replay.OutputFiles;
import io.l4lb.replay.PcapException;
import io.l4lb.replay.Replay;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "replay",
        description = {
            "Runs the real pipeline on a capture, through DPDK's pcap device: same bytes in, same bytes out, in order.",
            "Time comes from the capture. Needs neither root nor a NIC. The frames sent bear the pcap device's MAC,"
                    + " 02:70:63:61:70:00, as their source."
        },
        footer = {"", "Example:", "  ./l4lb replay -c lb.yaml --in clients.pcap --out encapsulated.pcap --report r.json"
        })
final class ReplayCommand implements Callable<Integer> {
    private static final long PROGRESS_NS = 2_000_000_000L;

    @Mixin
    private ConfigOption config;

    @Option(names = "--in", required = true, paramLabel = "IN.pcap", description = "Capture to replay (Ethernet).")
    private Path in;

    @Option(names = "--out", required = true, paramLabel = "OUT.pcap", description = "Where what the node sends goes.")
    private Path out;

    @Option(
            names = "--punt",
            paramLabel = "PUNT.pcap",
            description = "Where what is not for a VIP goes; without it, it is dropped as punt-unavailable.")
    private Path punt;

    @Option(names = "--report", paramLabel = "R.json", description = "Where the counters go, as JSON.")
    private Path report;

    @Option(names = "--json", description = "Print the counters as one JSON document.")
    private boolean json;

    @Spec
    private CommandSpec command;

    private long progressAtNs = System.nanoTime() + PROGRESS_NS;

    @Override
    public Integer call() {
        L4lbConfig loaded = config.load();
        if (loaded.dataplane().nextHop().isEmpty()) {
            throw new WrongUseException(config.file()
                    + ": dataplane.nextHop: missing: replay has no kernel to ask for it, expected a MAC address");
        }
        CounterSnapshot counters = replay(loaded);
        String document = Json.text(CounterReport.document(counters));
        if (report != null) {
            write(report, document);
        }
        PrintWriter console = command.commandLine().getOut();
        if (json) {
            console.println(document);
        } else {
            CounterReport.print(counters, console);
        }
        return ExitCode.DONE;
    }

    private CounterSnapshot replay(L4lbConfig loaded) {
        try {
            OutputFiles.check(
                    in, Stream.of(out, punt, report).filter(Objects::nonNull).toList());
            try (Eal eal = Eal.start(Replay.ealArguments())) {
                return new Replay(eal, loaded, this::progress).run(in, out, Optional.ofNullable(punt));
            }
        } catch (PcapException e) {
            throw new WrongUseException(e.getMessage(), e);
        }
    }

    private void progress(long packets) {
        if (System.nanoTime() - progressAtNs > 0) {
            progressAtNs = System.nanoTime() + PROGRESS_NS;
            command.commandLine().getErr().printf("replay: %,d packets%n", packets);
        }
    }

    private static void write(Path file, String document) {
        try {
            Files.writeString(file, document + System.lineSeparator());
        } catch (IOException e) {
            throw new WrongUseException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }
}
