package io.l4lb.config.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.cid.CidKey;
import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A key that stands in a file of its own; and that no key is printed. */
class KeyFileTest {
    private static final String KEY = "8f95f09245765f80256934e50c66207f";

    @TempDir
    private Path directory;

    private ConfigResult read(String content) throws IOException {
        Path keyFile = Files.writeString(directory.resolve("quic.key"), content);
        return ConfigReader.read(Files.writeString(directory.resolve("l4lb.yaml"), """
                node: {id: lb1}
                dataplane:
                  ethPorts: [{name: edge, device: net_null0}]
                  outerSource: {ipv4: 192.0.2.1}
                pools: [{name: web, backends: [{name: b, address: 10.0.0.1, quicServerId: 0a3f}]}]
                vips:
                  - {name: web, address: 198.51.100.1, l4Port: 443, protocol: udp, pool: web,
                     quic: {configs: [{id: 0, serverIdBytes: 2, nonceBytes: 4, keyFile: %s}]}}
                """.formatted(keyFile)));
    }

    @ParameterizedTest
    @ValueSource(strings = {KEY, KEY + "\n", "  " + KEY + "\r\n\n"})
    void keyIsReadAndNeverPrinted(String content) throws IOException {
        ConfigResult.Loaded loaded = (ConfigResult.Loaded) read(content);

        QuicConfig quic = loaded.config().vips().getFirst().quic().orElseThrow();
        assertThat(quic.configs().getFirst().key()).isEqualTo(CidKey.parse(KEY));
        assertThat(loaded.toString()).contains("quic").doesNotContainIgnoringCase(KEY.substring(0, 8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", KEY + "0", KEY + " " + KEY, "key: " + KEY, "8f95f092-45765f80256934e50c66207f"})
    void fileWithSomethingElseIsAFaultThatDoesNotShowIt(String content) throws IOException {
        ConfigResult.Rejected rejected = (ConfigResult.Rejected) read(content);

        assertThat(rejected.faults()).hasSize(1);
        assertThat(rejected.toString()).contains("quic.key").doesNotContainIgnoringCase(KEY.substring(0, 8));
    }

    @Test
    void directoryIsAFault() throws IOException {
        Files.createDirectory(directory.resolve("quic.key.d"));
        assertThat(KeyFile.KIND
                        .read()
                        .apply(new io.l4lb.config.yaml.YamlNode.Scalar(
                                1, directory.resolve("quic.key.d").toString(), false)))
                .isEmpty();
    }
}
