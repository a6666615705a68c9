package io.l4lb.cli.control;

import io.l4lb.cli.report.ControlReport;
import io.l4lb.cli.usage.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "vips",
        description = {
            "Lists the VIPs of a running node: pool, how many of its backends are up, packets and bytes.",
            "State: serving; no-new-flows (all weights are 0, pinned flows go on); all-down-forward and all-down-reject (no",
            "backend that takes new flows is up, and what whenAllDown makes of it)."
        })
public final class VipsCommand implements Callable<Integer> {
    @Mixin
    private NodeOption node;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        node.print(node.client().get("/v1/vips"), command.commandLine().getOut(), ControlReport::vips);
        return ExitCode.DONE;
    }
}
