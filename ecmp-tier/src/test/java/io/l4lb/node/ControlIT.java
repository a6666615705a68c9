package io.l4lb.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.l4lb.cli.Main;
import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.CounterSnapshot.BackendSnapshot;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.node.control.OperatorFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node that forwards a capture in circles, as fast as it can, while the command line changes it. Every packet that the
 * device delivers is counted, and so is what became of it. Needs no root.
 */
class ControlIT {
    private static final Logger LOG = LoggerFactory.getLogger(ControlIT.class);
    private static final List<Integer> FLOWS =
            IntStream.range(20_000, 20_600).boxed().toList();
    private static final int RELOADS = 1000;
    private static final String CONFIGURATION = """
            node: {id: lb1, stateDirectory: STATE, watch: WATCH}
            dataplane:
              eal: ["--no-huge", "-m", "128", "--no-shconf", "--no-telemetry", "--file-prefix", "PREFIX"]
              ethPorts: [{name: edge, device: "net_pcap0,rx_pcap=IN,infinite_rx=1"}]
              idle: backoff
              outerSource: {ipv4: 192.0.2.1}
              nextHop: "02:00:00:00:00:01"
              flowTable: {flows: 16384}
            pools:
              - name: web
                backends:
                  - {name: web1, address: 10.0.0.11, weight: WEIGHT1}
                  - {name: web2, address: 10.0.0.12, weight: WEIGHT2}
                  - {name: web3, address: 10.0.0.13, weight: WEIGHT3}
            vips:
              - {name: web, address: VIP, l4Port: L4PORT, pool: web}
            """;

    @TempDir
    private Path directory;

    private record Answer(int exitCode, String out, String err) {
        Map<String, Object> json() throws IOException {
            assertThat(exitCode).as(err).isZero();
            return JSON.std.mapFrom(out);
        }
    }

    /** Runs a command against the node. */
    private Answer command(String name, String... arguments) {
        List<String> all = new ArrayList<>(List.of(name, "-c", file().toString(), "--json"));
        all.addAll(List.of(arguments));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Main.run(all.toArray(String[]::new), new PrintWriter(out, true), new PrintWriter(err, true));
        return new Answer(exitCode, out.toString(), err.toString());
    }

    private Path file() {
        return directory.resolve("lb.yaml");
    }

    private void configure(boolean watch, int... weights) throws IOException {
        Path in = directory.resolve("in.pcap");
        if (Files.notExists(in)) {
            FlowCapture.write(in, FLOWS, 1);
        }
        String text = CONFIGURATION
                .replace("STATE", directory.resolve("state").toString())
                .replace("WATCH", Boolean.toString(watch))
                .replace("PREFIX", "l4lb-control-" + ProcessHandle.current().pid())
                .replace("IN,", in + ",")
                .replace("L4PORT", Integer.toString(FlowCapture.VIP_L4_PORT))
                .replace("VIP", FlowCapture.VIP);
        for (int i = 0; i < weights.length; i++) {
            text = text.replace("WEIGHT" + (i + 1), Integer.toString(weights[i]));
        }
        Path next = Files.writeString(directory.resolve("next"), text);
        Files.move(next, file(), StandardCopyOption.REPLACE_EXISTING);
    }

    private NodeProcess start() throws Exception {
        NodeProcess node = NodeProcess.start(file(), directory.resolve("state"));
        node.awaitCounters(counters -> counters.total(WorkerCounter.FLOWS) == FLOWS.size());
        return node;
    }

    @Test
    void aThousandReloadsUnderTrafficLoseNoPacketAndMoveNoFlow() throws Exception {
        Random random = new Random(11);
        configure(false, 100, 100, 100);
        List<Double> firstPacketMs = new ArrayList<>();
        try (NodeProcess node = start()) {
            long packetsBefore = node.counters().total(WorkerCounter.RX_PACKETS);
            long startNs = System.nanoTime();
            for (int i = 0; i < RELOADS; i++) {
                configure(false, 1 + random.nextInt(100), random.nextInt(3) * 50, random.nextInt(1000));
                firstPacketMs.add(((Number) command("reload").json().get("firstPacketMs")).doubleValue());
            }
            double seconds = (System.nanoTime() - startNs) / 1e9;
            assertThat(node.stop()).as(node.log()).isZero();
            CounterSnapshot last = node.counters();
            firstPacketMs.sort(null);
            LOG.info(String.format(
                    Locale.ROOT,
                    "%d reloads in %.1f s under %,.0f packets a second: from command to first packet on the new table %.1f ms"
                            + " (median), %.1f ms (99 %%), %.1f ms (longest)",
                    RELOADS,
                    seconds,
                    (last.total(WorkerCounter.RX_PACKETS) - packetsBefore) / seconds,
                    firstPacketMs.get(RELOADS / 2),
                    firstPacketMs.get(RELOADS * 99 / 100),
                    firstPacketMs.getLast()));
            hasLostNothing(last);
        }
    }

    /** Of a node that has stopped: one that runs is read while it counts. */
    private static void hasLostNothing(CounterSnapshot counters) {
        assertThat(counters.total(WorkerCounter.TX_PACKETS))
                .isPositive()
                .isEqualTo(counters.total(WorkerCounter.RX_PACKETS));
        hasMovedNothing(counters);
    }

    private static void hasMovedNothing(CounterSnapshot counters) {
        assertThat(counters.workers())
                .allSatisfy(worker -> assertThat(worker.drops()).isEmpty());
        assertThat(counters.total(WorkerCounter.ERRORS)).isZero();
        assertThat(counters.total(WorkerCounter.FLOW_MISSES)).isEqualTo(FLOWS.size());
        assertThat(counters.total(WorkerCounter.FLOW_REPINS)).isZero();
        assertThat(counters.total(WorkerCounter.FLOW_EVICTIONS)).isZero();
    }

    @Test
    void whatTheOperatorHasSetOutlastsAKill() throws Exception {
        configure(false, 100, 100, 100);
        try (NodeProcess node = start()) {
            long before = packets(node.counters(), "web1");
            assertThat(command("drain", "web/web1").json()).containsEntry("state", "drained");
            assertThat(command("weight", "web/web2", "7").json()).containsEntry("weight", 7);
            assertThat(command("drain", "--node").json())
                    .containsEntry("node", "drained")
                    .hasEntrySatisfying(
                            "does",
                            does -> assertThat(does)
                                    .asString()
                                    .contains("nothing is withdrawn", "no section announce"));
            node.awaitCounters(counters -> packets(counters, "web1") > before); // its pinned flows go on
            hasMovedNothing(node.counters());
        } // SIGKILL

        try (NodeProcess node = start()) {
            assertThat(packets(node.counters(), "web1")).isZero();
            assertThat(backend("web1")).containsEntry("drained", true).containsEntry("state", "drained");
            assertThat(backend("web2")).containsEntry("weight", 7).containsEntry("configuredWeight", 100);
            assertThat(command("status").json()).containsEntry("drained", true);
            command("undrain", "web/web1").json();
            command("undrain", "--node").json();
            command("weight", "web/web2", "configured").json();
            assertThat(backend("web1")).containsEntry("state", "up");
        }

        Files.writeString(directory.resolve("state").resolve(OperatorFile.NAME), "\0\0\0\0");
        try (NodeProcess node = start()) {
            assertThat(node.log()).contains(OperatorFile.NAME + " cannot be read");
            assertThat(backend("web1")).containsEntry("state", "up");
            assertThat(command("status").json()).containsEntry("drained", false);
        }
    }

    private static long packets(CounterSnapshot counters, String backend) {
        return counters.backends().stream()
                .filter(counted -> counted.name().equals(backend))
                .mapToLong(BackendSnapshot::packets)
                .sum();
    }

    private Map<String, Object> backend(String name) throws IOException {
        for (Object each : (List<?>) command("backends").json().get("backends")) {
            Map<String, Object> fields = new HashMap<>();
            ((Map<?, ?>) each).forEach((key, value) -> fields.put(String.valueOf(key), value));
            if (name.equals(fields.get("backend"))) {
                return fields;
            }
        }
        throw new AssertionError("no backend " + name);
    }

    @Test
    void aBadFileChangesNothingAndAWatchedFileIsReloaded() throws Exception {
        configure(true, 100, 100, 100);
        try (NodeProcess node = start()) {
            String good = Files.readString(file());
            Files.writeString(file(), good.replace("workers", "").replace("weight: 100", "weight: -1"));
            assertThat(command("reload"))
                    .satisfies(answer -> assertThat(answer.exitCode).isEqualTo(2))
                    .satisfies(answer -> assertThat(answer.err.lines().filter(line -> line.contains("weight: -1")))
                            .hasSize(3));
            Files.writeString(file(), good.replace("mtuBytes", "").replace("flows: 16384", "flows: 16385"));
            assertThat(command("reload"))
                    .satisfies(answer -> assertThat(answer.exitCode).isEqualTo(1))
                    .satisfies(answer ->
                            assertThat(answer.err).contains("dataplane.flowTable", "nothing has been changed"));
            assertThat(backend("web3")).containsEntry("configuredWeight", 100);

            configure(true, 100, 100, 55);
            node.awaitCounters(counters -> node.hasLogged("reloaded: "));
            assertThat(backend("web3")).containsEntry("configuredWeight", 55);
            assertThat(node.stop()).as(node.log()).isZero();
            hasLostNothing(node.counters());
        }
    }

    @Test
    void flowsAreCountedAndFound() throws Exception {
        configure(false, 100, 100, 0);
        try (NodeProcess node = start()) {
            Map<?, ?> worker = (Map<?, ?>) ((List<?>) command("flows").json().get("workers")).getFirst();
            assertThat(worker.get("established")).isEqualTo(FLOWS.size());
            String to = " -> " + FlowCapture.VIP + ":" + FlowCapture.VIP_L4_PORT;
            Map<String, Object> known =
                    command("flows", "tcp 192.0.2.7:20000" + to).json();
            Map<?, ?> pin = (Map<?, ?>) ((List<?>) known.get("pinned")).getFirst();
            assertThat(pin.get("backend"))
                    .isEqualTo(known.get("newFlowGoesTo"))
                    .asString()
                    .startsWith("web/web");
            assertThat((List<?>) command("flows", "tcp 192.0.2.7:1" + to).json().get("pinned"))
                    .isEmpty();
            assertThat(command("flows", "tcp 192.0.2.7:1 -> 192.0.2.8:1").exitCode)
                    .isEqualTo(2);
            assertThat(command("drain", "web/web9").err).contains("no backend web/web9");
            assertThat(command("vips").out).contains("\"state\" : \"serving\"");
            node.stop();
            assertThat(command("status").exitCode).isEqualTo(1);
        }
    }
}
