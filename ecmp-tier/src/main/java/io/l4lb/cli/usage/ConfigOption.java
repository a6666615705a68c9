package io.l4lb.cli.usage;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import io.l4lb.config.yaml.Warning;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** {@code -c FILE}, for every command that reads a configuration. */
public final class ConfigOption {
    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "Configuration, YAML.")
    private Path file;

    /** {@return what {@code -c} followed by that file gives} */
    public static ConfigOption of(Path file) {
        ConfigOption option = new ConfigOption();
        option.file = file;
        return option;
    }

    public Path file() {
        return file;
    }

    public ConfigResult read() {
        return ConfigReader.read(file);
    }

    /** {@return the configuration, as {@link #load(Consumer)} does}; its warnings are for check and run to print */
    public L4lbConfig load() {
        return load(warning -> {});
    }

    /**
     * {@return the configuration}
     *
     * @param warnings told of each
     * @throws WrongUseException with every fault, when there is any
     */
    public L4lbConfig load(Consumer<Warning> warnings) {
        return switch (read()) {
            case ConfigResult.Loaded loaded -> {
                loaded.warnings().forEach(warnings);
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
