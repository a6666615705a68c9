package io.l4lb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code explain --quic-dcid} on connection IDs of the draft's appendix B. */
class ExplainQuicTest {
    private static final String FLOW = "udp 192.0.2.7:40000 -> 198.51.100.1:443";
    private static final String KEY = "8f95f09245765f80256934e50c66207f";
    private static final String CONFIG = """
            node: {id: lb1, stateDirectory: STATE}
            dataplane:
              ethPorts: [{name: edge, device: net_null0}]
              outerSource: {ipv4: 192.0.2.1}
            pools:
              - name: web
                backends:
                  - {name: web1, address: 10.0.0.11, quicServerId: "c4605e"}
                  - {name: web2, address: 10.0.0.12, quicServerId: "ed793a"}
            vips:
              - {name: web, address: 198.51.100.1, l4Port: 443, protocol: udp, pool: web,
                 quic: {configs: [{id: 0, serverIdBytes: 3, nonceBytes: 4}, {id: 1, serverIdBytes: 3, nonceBytes: 4,
                   firstOctetEncodesLength: true, key: %s}]}}
              - {name: dns, address: 198.51.100.1, l4Port: 53, protocol: udp, pool: web}
            """.formatted(KEY);

    @TempDir
    private Path directory;

    private CommandRun explain(Object... arguments) throws IOException {
        Object[] all = new Object[arguments.length + 3];
        all[0] = "explain";
        all[1] = "-c";
        all[2] = ConfigFiles.write(directory, CONFIG);
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return CommandRun.here(all);
    }

    @ParameterizedTest
    @CsvSource({"07c4605e4504cc4f, 0, c4605e, web1", "2720b1d07b359d3c, 1, ed793a, web2"})
    void explainSaysWhichBackendMadeAConnectionId(String cid, int configuration, String serverId, String backend)
            throws IOException {
        Map<?, ?> document =
                explain("--json", FLOW, "--quic-dcid", cid).succeeds().json();

        assertThat(document.get("outcome")).isEqualTo("forward");
        assertThat(document.get("quicConfig")).isEqualTo(configuration);
        assertThat(document.get("quicServerId")).isEqualTo(serverId);
        assertThat(document.get("backend")).isEqualTo(backend);
    }

    @ParameterizedTest
    @CsvSource({
        "47c4605e4504cc4f, the VIP has no configuration 2",
        "e7c4605e4504cc4f, its configuration bits are 0b111",
        "07c4605e4504cc, 'it has 7 bytes, and one of configuration 0 at least 8'",
        "2620b1d07b359d3c, its first octet says that 6 bytes follow",
        "07c4605f4504cc4f, no backend of VIP web has the server ID c4605f (configuration 0)"
    })
    void explainSaysWhyAConnectionIdSaysNothing(String cid, String why) throws IOException {
        String out = explain(FLOW, "--quic-dcid", cid).succeeds().out();

        assertThat(out)
                .containsOnlyOnce("udp 192.0.2.7")
                .contains(why, "goes where its flow goes", "it owns that slot");
    }

    @Test
    void explainPrintsNoKey() throws IOException {
        CommandRun run = explain(FLOW, "--quic-dcid", "2720b1d07b359d3c").succeeds();

        assertThat(run.out()).contains("configuration 1 (AES, four passes), server ID ed793a", "web2 (10.0.0.12");
        assertThat(run.out() + run.err()).doesNotContain(KEY.substring(0, 8));
    }

    @Test
    void vipWithoutQuicGoesByFlows() throws IOException {
        assertThat(explain("udp 192.0.2.7:40000 -> 198.51.100.1:53", "--quic-dcid", "07c4605e4504cc4f")
                        .succeeds()
                        .out())
                .contains("VIP dns has no quic", "it owns that slot");
    }

    @ParameterizedTest
    @CsvSource({"''", "07c", "0x07c4"})
    void textThatIsNoConnectionIdIsExplained(String text) throws IOException {
        CommandRun run = explain(FLOW, "--quic-dcid", text);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("connection ID '" + text + "'", "07c4605e4504cc4f");
    }
}
