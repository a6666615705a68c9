package io.l4lb.cli.control;

import io.l4lb.cli.report.Json;
import io.l4lb.cli.usage.ConfigOption;
import io.l4lb.cli.usage.WrongUseException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiConsumer;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which node to talk to, and whether to print JSON; for every command that does. */
public final class NodeOption {
    /** Either one. */
    private static final class Which {
        @ArgGroup(exclusive = false)
        private FromFile file;

        @Option(
                names = "--state",
                paramLabel = "DIRECTORY",
                description = "Its state directory, when the configuration cannot be read.")
        private Path stateDirectory;
    }

    /** {@code -c}, with the same description as everywhere. */
    private static final class FromFile {
        @Option(
                names = {"-c", "--config"},
                required = true,
                paramLabel = "FILE",
                description = "Configuration of the node; only node.stateDirectory is used.")
        private Path file;
    }

    @ArgGroup(multiplicity = "1")
    private Which which;

    @Option(names = "--json", description = "Print one JSON document.")
    private boolean json;

    /** {@return the node's admin API} */
    public AdminClient client() {
        return new AdminClient(which.stateDirectory != null ? which.stateDirectory : stateDirectory());
    }

    private Path stateDirectory() {
        try {
            return ConfigOption.of(which.file.file).load().node().stateDirectory();
        } catch (WrongUseException e) {
            throw new WrongUseException(
                    e.getMessage() + System.lineSeparator()
                            + "nothing was asked of the node, nothing has changed; with --state DIRECTORY the file is not"
                            + " needed",
                    e);
        }
    }

    /** Prints the answer as the user wants it. */
    public void print(
            Map<String, Object> answer, PrintWriter out, BiConsumer<Map<String, Object>, PrintWriter> forPeople) {
        if (json) {
            out.println(Json.text(answer));
        } else {
            forPeople.accept(answer, out);
        }
        out.flush();
    }
}
