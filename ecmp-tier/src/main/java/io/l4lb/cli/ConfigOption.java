package io.l4lb.cli;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code -c FILE}, for every command that reads a configuration. */
final class ConfigOption {
    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "Configuration, YAML.")
    private Path file;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    Path file() {
        return file;
    }

    ConfigResult read() {
        return ConfigReader.read(file);
    }

    /**
     * {@return the configuration}; warnings go to stderr
     *
     * @throws WrongUseException with every fault, when there is any
     */
    L4lbConfig load() {
        return switch (read()) {
            case ConfigResult.Loaded loaded -> {
                loaded.warnings()
                        .forEach(warning -> command.commandLine().getErr().println("warning: " + warning));
                yield loaded.config();
            }
            case ConfigResult.Rejected rejected ->
                throw new WrongUseException(Stream.concat(
                                rejected.faults().stream().map(Object::toString),
                                Stream.of("configuration rejected: "
                                        + rejected.faults().size() + " fault(s)"))
                        .collect(Collectors.joining(System.lineSeparator())));
        };
    }
}
