package io.l4lb.structure;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The configuration example of DESIGN, word for word. */
class ConfigurationContractTest {
    private static final Path EXAMPLE =
            Repository.ROOT.resolve("ecmp-tier/src/test/resources/structure/design-example.yaml");

    @Test
    void everyKeyOfTheExampleIsAccepted() {
        ConfigResult result = ConfigReader.read(EXAMPLE);

        assertThat(result).isInstanceOf(ConfigResult.Loaded.class);
    }
}
