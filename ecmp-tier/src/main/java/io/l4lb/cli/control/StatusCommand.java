package io.l4lb.cli.control;

import io.l4lb.cli.report.ControlReport;
import io.l4lb.cli.usage.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "status",
        description = {
            "Says how a running node is: up time, drained or not, VIPs, backends by state, workers, the last reload, and what its other",
            "parts have to say. Exit code 1 when no node is running."
        },
        footer = {"", "Examples:", "  ./l4lb status -c lb.yaml", "  ./l4lb status --state /var/lib/l4lb --json"})
public final class StatusCommand implements Callable<Integer> {
    @Mixin
    private NodeOption node;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        node.print(node.client().get("/v1/status"), command.commandLine().getOut(), ControlReport::status);
        return ExitCode.DONE;
    }
}
