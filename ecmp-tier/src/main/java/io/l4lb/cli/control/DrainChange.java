package io.l4lb.cli.control;

import io.l4lb.cli.report.ControlReport;
import io.l4lb.cli.usage.ExitCode;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What {@code drain} and {@code undrain} share: a target, and one request to the node. */
abstract class DrainChange implements Callable<Integer> {
    private final String path;

    @Mixin
    private NodeOption node;

    @ArgGroup(multiplicity = "1")
    private Target which;

    @Spec
    private CommandSpec command;

    /** Either one. */
    private static final class Target {
        @Option(names = "--node", required = true, description = "The whole node.")
        private boolean wholeNode;

        @Parameters(paramLabel = "POOL/NAME", description = "A backend, as ./l4lb backends lists it.")
        private String backend;

        Map<String, Object> body() {
            return wholeNode ? Map.of("node", true) : Map.of("backend", backend);
        }
    }

    /** @param path of the admin API */
    DrainChange(String path) {
        this.path = path;
    }

    @Override
    public final Integer call() {
        node.print(node.client().post(path, which.body()), command.commandLine().getOut(), ControlReport::changed);
        return ExitCode.DONE;
    }
}
