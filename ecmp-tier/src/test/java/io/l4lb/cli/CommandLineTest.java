package io.l4lb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit codes, texts and JSON of the commands that need no device. */
class CommandLineTest {
    private static final String FLOW = "tcp 192.0.2.7:40000 -> 198.51.100.1:443";
    private static final String FLOW_V6 = "tcp [2001:db8:9::7]:40000 -> [2001:db8:2::1]:443";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "bogus,                     Unmatched argument",
        "chekc,                     Did you mean: l4lb check",
        "check --jsn -c x,          Possible solutions: --json",
        "check,                     Missing required option: '--config=FILE'",
        "explain -c x,              Missing required parameter: 'FLOW'",
        "replay -c x,               '--in=IN.pcap'",
        "check -c,                  Missing required parameter for option '--config'",
    })
    void wrongUseIsExplained(String arguments, String hint) {
        CommandRun run = CommandRun.here((Object[]) arguments.split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(hint);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void noCommandAtAllShowsWhatThereIs() {
        CommandRun run = CommandRun.here();

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("./l4lb demo", "replay", "explain");
    }

    @Test
    void checkSumsUpASoundConfiguration() throws IOException {
        CommandRun run =
                CommandRun.here("check", "-c", ConfigFiles.valid(directory)).succeeds();

        assertThat(run.out())
                .contains("lb.yaml: ok: node lb1, 1 worker(s), 1 ethPort(s), 3 VIP(s), 2 pool(s), 3 backend(s)");
    }

    @Test
    void checkPrintsASoundConfigurationAsJson() throws IOException {
        CommandRun run = CommandRun.here("check", "--json", "-c", ConfigFiles.valid(directory))
                .succeeds();

        assertThat(run.json()).containsEntry("valid", true).containsEntry("faults", List.of());
    }

    @Test
    void checkPrintsEveryFaultWithItsPlace() throws IOException {
        Path file = ConfigFiles.write(directory, "node: {idd: x}\nvips: 3\n");

        CommandRun run = CommandRun.here("check", "-c", file);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines())
                .anyMatch(line -> line.startsWith(file + ":1: node.idd: unknown key: expected one of id"))
                .anyMatch(line -> line.startsWith(file + ":2: vips: 3: expected a list"))
                .endsWith(file + ": rejected: 4 fault(s)");
    }

    @Test
    void checkPrintsEveryFaultAsJson() throws IOException {
        Path file = ConfigFiles.write(directory, "node: {idd: x}\nvips: 3\n");

        CommandRun run = CommandRun.here("check", "--json", "-c", file);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.json()).containsEntry("valid", false);
        Map<String, Object> vips =
                Map.of("file", file.toString(), "line", 2, "key", "vips", "value", "3", "expected", "a list");
        assertThat(run.json().get("faults"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .hasSize(4)
                .contains(vips);
    }

    @ParameterizedTest
    @ValueSource(strings = {"missing.yaml", "."})
    void checkOfWhatIsNoFileIsAFault(String name) {
        CommandRun run = CommandRun.here("check", "-c", directory.resolve(name));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).contains("expected a readable configuration file", "rejected: 1 fault(s)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"explain -c FILE flow", "counters -c FILE", "run -c FILE", "replay -c FILE --in a --out b"})
    void everyCommandRefusesAFaultyConfiguration(String arguments) throws IOException {
        Path file = ConfigFiles.write(directory, ConfigFiles.VALID.replace("10.0.0.11", "10.0.0.311"));
        Object[] words = arguments
                .replace("FILE", file.toString())
                .replace("flow", FLOW.replace(' ', '_'))
                .split(" ");
        for (int i = 0; i < words.length; i++) {
            words[i] = words[i].toString().replace('_', ' ');
        }

        CommandRun run = CommandRun.here(words);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(file + ":10: ", "10.0.0.311", "configuration rejected: 1 fault(s)");
    }

    @Test
    void explainSaysWhereAFlowGoesAndWhy() throws IOException {
        CommandRun run = CommandRun.here("explain", "-c", ConfigFiles.valid(directory), FLOW)
                .succeeds();

        assertThat(run.out())
                .contains(FLOW, "web (198.51.100.1 tcp 443)", " of 65537, of pool web", "it owns that slot", "ipip, ");
    }

    @Test
    void explainPrintsOneFlowAsOneObject() throws IOException {
        CommandRun run = CommandRun.here("explain", "--json", "-c", ConfigFiles.valid(directory), FLOW)
                .succeeds();

        assertThat(run.json())
                .containsEntry("flow", FLOW)
                .containsEntry("outcome", "forward")
                .containsEntry("vip", "web")
                .containsEntry("pool", "web")
                .containsEntry("encapsulation", "ipip")
                .containsEntry("nextHop", "02:00:00:00:00:01")
                .containsKeys("slot", "hash", "backend", "backendAddress");
    }

    @Test
    void explainTellsDropsAndPuntsApart() throws IOException {
        CommandRun run = CommandRun.here(
                        "explain",
                        "--json",
                        "-c",
                        ConfigFiles.valid(directory),
                        FLOW_V6,
                        "tcp 192.0.2.7:40000 -> 198.51.100.2:443",
                        "udp 192.0.2.7:40000 -> 198.51.100.1:443",
                        "tcp 192.0.2.7:40000 -> 203.0.113.9:443")
                .succeeds();

        assertThat(JSON.std.listFrom(run.out()))
                .extracting(explanation -> ((Map<?, ?>) explanation).get("outcome"))
                .isEqualTo(List.of("forward", "drop", "punt", "punt"));
    }

    @Test
    void explainReadsFlowsFromStandardInput() throws IOException {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream((FLOW + "\n\n" + FLOW_V6 + "\n").getBytes(StandardCharsets.UTF_8)));
        try {
            CommandRun run = CommandRun.here("explain", "--json", "-c", ConfigFiles.valid(directory), "-")
                    .succeeds();

            assertThat(JSON.std.listFrom(run.out()))
                    .extracting(explanation -> ((Map<?, ?>) explanation).get("flow"))
                    .isEqualTo(List.of(FLOW, FLOW_V6));
        } finally {
            System.setIn(before);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tcp",
                "tcp 192.0.2.7:40000 198.51.100.1:443",
                "sctp 192.0.2.7:40000 -> 198.51.100.1:443",
                "tcp 192.0.2.7:65536 -> 198.51.100.1:443",
                "tcp 192.0.2.700:1 -> 198.51.100.1:443",
                "tcp 192.0.2.7:40000 -> [2001:db8::1]:443",
                "tcp 2001:db8::7:1 -> 2001:db8::1:443"
            })
    void explainRefusesWhatIsNoFlow(String text) throws IOException {
        CommandRun.here("explain", "-c", ConfigFiles.valid(directory), text)
                .failsWithOneLine(2, "flow '" + text + "'", "for example 'tcp 192.0.2.7:40000 -> 198.51.100.1:443'");
    }

    @Test
    void countersWithoutANodeFail() throws IOException {
        CommandRun.here("counters", "-c", ConfigFiles.valid(directory))
                .failsWithOneLine(1, "no node has run with state directory " + directory.resolve("state"));
    }

    @Test
    void runNeedsAnEthPort() throws IOException {
        Path file = ConfigFiles.write(directory, ConfigFiles.VALID.replaceFirst(".*ethPorts.*\n", ""));

        CommandRun run = CommandRun.here("run", "-c", file);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().lines())
                .last()
                .asString()
                .isEqualTo(file + ": dataplane.ethPorts: missing: a node needs at least one device to run on");
    }

    @Test
    void replayNeedsANextHop() throws IOException {
        Path file = ConfigFiles.write(directory, ConfigFiles.VALID.replaceFirst(".*nextHop.*\n", ""));

        CommandRun.here("replay", "-c", file, "--in", "in.pcap", "--out", "out.pcap")
                .failsWithOneLine(2, "dataplane.nextHop: missing", "expected a MAC address");
    }
}
