package io.l4lb.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestartKeysTest {
    private static final String CONFIGURATION = """
            node: {id: lb1, stateDirectory: /nonexistent}
            dataplane:
              outerSource: {ipv4: 192.0.2.1}
              ethPorts: [{name: edge, device: "net_af_xdp0,iface=DEVICE"}]
              flowTable: {flows: FLOWS}
            pools: [{name: web, backends: [{name: web1, address: 10.0.0.1}]}]
            vips: [{name: web, address: 198.51.100.1, l4Port: 443, pool: web}]
            """;
    private static final String ANNOUNCE = """
            announce:
              daemon: none
              interface: l4lb-x
            """;

    @TempDir
    private Path directory;

    private L4lbConfig config(String device, int flows, String more) throws IOException {
        String text = CONFIGURATION.replace("DEVICE", device).replace("FLOWS", Integer.toString(flows)) + more;
        ConfigResult result = ConfigReader.read(Files.writeString(directory.resolve("lb.yaml"), text));
        assertThat(result).isInstanceOf(ConfigResult.Loaded.class);
        return ((ConfigResult.Loaded) result).config();
    }

    @Test
    void aChangeThatNeedsARestartIsToldInTheWordsOfTheFile() throws IOException {
        L4lbConfig before = config("eth1", 1024, "");
        RestartKeys.requireSame(before, config("eth1", 1024, ""));
        assertThatThrownBy(() -> RestartKeys.requireSame(before, config("eth2", 1024, "")))
                .hasMessage("dataplane.ethPorts has changed from [{name: edge, device: \"net_af_xdp0,iface=eth1\"}] to"
                        + " [{name: edge, device: \"net_af_xdp0,iface=eth2\"}]; that needs a"
                        + " restart of the node, nothing has been changed");
        assertThatThrownBy(() -> RestartKeys.requireSame(before, config("eth1", 2048, "")))
                .hasMessageContaining("from {flows: 1024, idleSeconds: {tcp: 900, udp: 60}} to {flows: 2048, ");
    }

    @Test
    void aSectionThatComesOrGoesIsToldAsSuch() throws IOException {
        L4lbConfig without = config("eth1", 1024, "");
        L4lbConfig with = config("eth1", 1024, ANNOUNCE);
        assertThatThrownBy(() -> RestartKeys.requireSame(without, with))
                .hasMessageContaining("announce has changed from no such section to interface l4lb-x, ");
        assertThatThrownBy(() -> RestartKeys.requireSame(with, without))
                .hasMessageContaining("to no such section; that needs a restart");
    }
}
