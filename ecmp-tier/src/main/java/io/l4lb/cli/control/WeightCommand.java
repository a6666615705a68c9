package io.l4lb.cli.control;

import io.l4lb.cli.report.ControlReport;
import io.l4lb.cli.usage.ExitCode;
import io.l4lb.cli.usage.WrongUseException;
import io.l4lb.config.BackendConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "weight",
        description = {
            "Gives a backend another weight at run time, 0 to 65535, relative to the others of its pool; 0: no new flows. Kept across",
            "reloads and restarts, until it is set to 'configured', which means: as the file says."
        },
        footer = {
            "",
            "Examples:",
            "  ./l4lb weight -c lb.yaml web/web1 50",
            "  ./l4lb weight -c lb.yaml web/web1 configured"
        })
public final class WeightCommand implements Callable<Integer> {
    private static final String CONFIGURED = "configured";

    @Mixin
    private NodeOption node;

    @Parameters(index = "0", paramLabel = "POOL/NAME", description = "A backend, as ./l4lb backends lists it.")
    private String backend;

    @Parameters(index = "1", paramLabel = "WEIGHT", description = "A number from 0 to 65535, or: configured.")
    private String weight;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        Map<String, Object> body = new HashMap<>();
        body.put("backend", backend);
        body.put("weight", weight());
        node.print(node.client().post("/v1/weight", body), command.commandLine().getOut(), ControlReport::changed);
        return ExitCode.DONE;
    }

    /** {@return the weight; null: the configured one} */
    private Integer weight() {
        if (CONFIGURED.equals(weight)) {
            return null;
        }
        if (weight.matches("[0-9]{1,5}") && Integer.parseInt(weight) <= BackendConfig.MAX_WEIGHT) {
            return Integer.valueOf(weight);
        }
        throw new WrongUseException(
                "weight: " + weight + ": expected 0 to " + BackendConfig.MAX_WEIGHT + ", or " + CONFIGURED);
    }
}
