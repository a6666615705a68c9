package io.l4lb.cli.control;

import io.l4lb.cli.report.ControlReport;
import io.l4lb.cli.usage.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "backends",
        description = {
            "Lists the backends of a running node: state and why, weights, packets and bytes.",
            "State: up; starting (slow start, in tenths of its weight); drained; weight-0; doubted (not found",
            "able to serve yet: only flows that are pinned to it); down (no flows at all)."
        })
public final class BackendsCommand implements Callable<Integer> {
    @Mixin
    private NodeOption node;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        node.print(node.client().get("/v1/backends"), command.commandLine().getOut(), ControlReport::backends);
        return ExitCode.DONE;
    }
}
