package io.l4lb.config.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.yaml.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Configurations for tests, and short ways to read them. */
final class Configurations {
    private Configurations() {}

    static String resource(String name) {
        try (InputStream in = Configurations.class.getResourceAsStream("/config/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static ConfigResult read(Path directory, String yaml) throws IOException {
        return ConfigReader.read(Files.writeString(directory.resolve("l4lb.yaml"), yaml));
    }

    static L4lbConfig load(Path directory, String yaml) throws IOException {
        ConfigResult result = read(directory, yaml);
        assertThat(result).isInstanceOf(ConfigResult.Loaded.class);
        return ((ConfigResult.Loaded) result).config();
    }

    /** {@return the faults as printed, without the directory of the file} */
    static List<String> faults(ConfigResult result) {
        return switch (result) {
            case ConfigResult.Loaded loaded -> List.of();
            case ConfigResult.Rejected rejected ->
                rejected.faults().stream()
                        .map(Fault::toString)
                        .map(Configurations::withoutFile)
                        .toList();
        };
    }

    static List<String> warnings(ConfigResult result) {
        return result.warnings().stream()
                .map(warning -> withoutFile(warning.toString()))
                .toList();
    }

    private static String withoutFile(String line) {
        return line.replaceFirst("^.*?l4lb\\.yaml:", "");
    }
}
