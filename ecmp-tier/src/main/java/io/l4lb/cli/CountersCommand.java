package io.l4lb.cli;

import io.l4lb.cli.report.CounterReport;
import io.l4lb.cli.report.Json;
import io.l4lb.cli.usage.ConfigOption;
import io.l4lb.cli.usage.ExitCode;
import io.l4lb.config.L4lbConfig;
import io.l4lb.counters.CounterFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "counters",
        description = {
            "Prints the counters of a running node: per worker, per drop reason, per VIP, per backend.",
            "Reads them from node.stateDirectory without touching the node. Exit code 1 if no node has run there."
        })
final class CountersCommand implements Callable<Integer> {
    /** The node publishes ten times a second. */
    private static final long STALE_MS = 3_000;

    @Mixin
    private ConfigOption config;

    @Option(names = "--json", description = "Print one JSON document.")
    private boolean json;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        L4lbConfig loaded = config.load();
        Path stateDirectory = loaded.node().stateDirectory();
        try {
            CounterFile.Reading reading = CounterFile.read(stateDirectory, System.currentTimeMillis());
            if (reading.ageMs() > STALE_MS) {
                command.commandLine()
                        .getErr()
                        .println("warning: the node is not running: these counters are " + reading.ageMs() / 1000
                                + " s old");
            }
            if (json) {
                command.commandLine().getOut().println(Json.text(CounterReport.document(reading.snapshot())));
            } else {
                CounterReport.print(reading.snapshot(), command.commandLine().getOut());
            }
            return ExitCode.DONE;
        } catch (NoSuchFileException e) {
            command.commandLine().getErr().println("no node has run with state directory " + stateDirectory);
        } catch (IOException e) {
            command.commandLine()
                    .getErr()
                    .println(CounterFile.pathIn(stateDirectory) + " cannot be read: " + e.getMessage());
        }
        return ExitCode.FAILED;
    }
}
