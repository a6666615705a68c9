package io.l4lb.cli.control;

import io.l4lb.cli.report.ControlReport;
import io.l4lb.cli.usage.ExitCode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "flows",
        description = {
            "Counts the flows that a running node knows, by worker and state; or says where given flows are pinned, and where they",
            "would go if they came new.",
            "half-open: only SYNs came. unproven: one packet of a flow whose beginning was not seen. closing: the client sent FIN or",
            "RST."
        },
        footer = {
            "",
            "Examples:",
            "  ./l4lb flows -c lb.yaml",
            "  ./l4lb flows -c lb.yaml 'tcp 192.0.2.7:40000 -> 198.51.100.1:443'"
        })
public final class FlowsCommand implements Callable<Integer> {
    @Mixin
    private NodeOption node;

    @Parameters(arity = "0..1", paramLabel = "FLOW", description = "One flow, in quotes; omitted: count all.")
    private String flow;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        AdminClient client = node.client();
        PrintWriter out = command.commandLine().getOut();
        if (flow == null) {
            node.print(client.get("/v1/flows"), out, ControlReport::flowCounts);
        } else {
            node.print(client.post("/v1/flows/lookup", Map.of("flow", flow)), out, ControlReport::flow);
        }
        return ExitCode.DONE;
    }
}
