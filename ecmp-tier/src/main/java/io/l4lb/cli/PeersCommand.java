package io.l4lb.cli;

import io.l4lb.cli.control.NodeOption;
import io.l4lb.cli.report.ControlReport;
import io.l4lb.cli.usage.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "peers",
        description = {
            "Lists the peers of a running node: how it follows their journals and they follow its own.",
            "Lag: from a flow's event in this node's journal until the peer has applied it, of the last minute, by this node's",
            "clock. Unacked: batches that the peer has been sent and has not applied yet. With --json the whole of status, in",
            "which sections.replication has events, table, journals, disk and, for each peer, all counters."
        })
final class PeersCommand implements Callable<Integer> {
    @Mixin
    private NodeOption node;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        node.print(node.client().get("/v1/status"), command.commandLine().getOut(), ControlReport::peers);
        return ExitCode.DONE;
    }
}
