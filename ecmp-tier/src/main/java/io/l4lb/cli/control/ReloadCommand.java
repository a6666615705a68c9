package io.l4lb.cli.control;

import io.l4lb.cli.report.ControlReport;
import io.l4lb.cli.usage.ExitCode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "reload",
        description = {
            "Has a running node read the configuration file that it was started with, and forward by it from the next burst on: no",
            "packet is lost, no flow moves that need not. A file with faults changes nothing; every fault is printed, exit code 2. What",
            "needs a restart (node, most of dataplane) is refused, exit code 1.",
            "Prints how long it took from the command to the workers, and to the first packet on the new table."
        },
        footer = {"", "Examples:", "  ./l4lb reload -c lb.yaml"})
public final class ReloadCommand implements Callable<Integer> {
    @Mixin
    private NodeOption node;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        node.print(
                node.client().post("/v1/reload", Map.of()),
                command.commandLine().getOut(),
                ControlReport::reloaded);
        return ExitCode.DONE;
    }
}
