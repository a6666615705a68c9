package io.l4lb.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.CounterSnapshot.BackendSnapshot;
import io.l4lb.counters.CounterSnapshot.WorkerSnapshot;
import io.l4lb.counters.WorkerCounter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole node with two workers on the two queues of one ethPort. DPDK's capture device has a queue for each capture
 * that it is given: here a third of the flows comes to one queue, a third to the other, and a third to both, as after
 * a change of RSS. Needs no root.
 */
class WorkersTest {
    private static final int FLOWS_A_PART = 200;
    private static final int PACKETS_A_FLOW = 10;
    private static final List<Integer> FLOWS_OF_BOTH = flows(20_000);
    private static final List<List<Integer>> FLOWS_BY_QUEUE =
            List.of(joined(flows(30_000), FLOWS_OF_BOTH), joined(FLOWS_OF_BOTH, flows(40_000)));
    private static final int PACKETS_A_QUEUE = 2 * FLOWS_A_PART * PACKETS_A_FLOW;
    private static final Map<String, Integer> BACKENDS =
            Map.of("web1", 0x0a00000b, "web2", 0x0a00000c, "web3", 0x0a00000d);
    private static final String REMOVED = "web3";
    private static final String CONFIGURATION = """
            node: {id: lb1, stateDirectory: STATE}
            dataplane:
              eal: ["--no-huge", "-m", "128", "--no-shconf", "--no-telemetry", "--file-prefix", "PREFIX"]
              ethPorts: [{name: edge, device: "net_pcap0,DEVICE"}]
              workers: 2
              idle: backoff
              outerSource: {ipv4: 192.0.2.1}
              nextHop: "02:00:00:00:00:01"
              flowTable: {flows: 16384}
            pools:
              - name: web
                tableSize: 1009
                backends:
                  - {name: web1, address: 10.0.0.11}
                  - {name: web2, address: 10.0.0.12}
                  - {name: web3, address: 10.0.0.13}
            vips:
              - {name: web, address: VIP, l4Port: L4PORT, pool: web}
            """;

    @TempDir
    private Path directory;

    private static List<Integer> flows(int first) {
        return IntStream.range(first, first + FLOWS_A_PART).boxed().toList();
    }

    private static List<Integer> joined(List<Integer> some, List<Integer> others) {
        return Stream.concat(some.stream(), others.stream()).toList();
    }

    @Test
    void everyPacketOfEitherQueueReachesTheBackendOfItsFlow() throws Exception {
        try (NodeProcess node = start(PACKETS_A_FLOW, "tx_pcap=" + out(0) + ",tx_pcap=" + out(1))) {
            node.awaitCounters(counters -> counters.total(WorkerCounter.TX_PACKETS) == 2 * PACKETS_A_QUEUE);
            assertThat(node.log())
                    .contains("2 worker(s) on 1 ethPort(s)")
                    .containsOnlyOnce("lets DPDK set no RSS")
                    .containsSubsequence("started in ", "warm-up ", "ready: ")
                    .doesNotContain("no warm-up");
            assertThat(node.stop()).as(node.log()).isZero();
            assertThat(node.counters().workers()).hasSize(2).allSatisfy(WorkersTest::hasForwardedItsQueue);
            assertThat(node.counters().vips().getFirst().packets()).isEqualTo(2 * PACKETS_A_QUEUE);
        }

        for (int queueIndex = 0; queueIndex < 2; queueIndex++) {
            assertThat(FlowCapture.read(out(queueIndex)).stream().map(FlowCapture.Sent::inner))
                    .containsExactlyElementsOf(received(queueIndex));
        }
        Map<Integer, Set<Integer>> backendsByFlow = backendsByFlow();
        assertThat(backendsByFlow).hasSize(3 * FLOWS_A_PART);
        assertThat(backendsByFlow.values())
                .allSatisfy(backends -> assertThat(backends).hasSize(1).isSubsetOf(BACKENDS.values()));
        assertThat(backendsByFlow.values().stream().flatMap(Set::stream)).containsAll(BACKENDS.values());
    }

    private static void hasForwardedItsQueue(WorkerSnapshot worker) {
        assertThat(worker.drops()).isEmpty();
        assertThat(worker.value(WorkerCounter.ERRORS)).isZero();
        assertThat(worker.value(WorkerCounter.RX_PACKETS)).isEqualTo(PACKETS_A_QUEUE);
        assertThat(worker.value(WorkerCounter.RX_BYTES)).isEqualTo(PACKETS_A_QUEUE * FlowCapture.FRAME_BYTES);
        assertThat(worker.value(WorkerCounter.TX_PACKETS)).isEqualTo(PACKETS_A_QUEUE);
        assertThat(worker.value(WorkerCounter.TX_BYTES))
                .isEqualTo(PACKETS_A_QUEUE * (FlowCapture.FRAME_BYTES + FlowCapture.IPV4_BYTES));
        assertThat(worker.value(WorkerCounter.FLOW_MISSES)).isEqualTo(2 * FLOWS_A_PART);
    }

    private static List<ByteBuffer> received(int queueIndex) {
        List<Integer> flows = FLOWS_BY_QUEUE.get(queueIndex);
        return IntStream.range(0, PACKETS_A_QUEUE)
                .mapToObj(number -> FlowCapture.inner(flows.get(number % flows.size()), number))
                .toList();
    }

    private Map<Integer, Set<Integer>> backendsByFlow() throws IOException {
        Map<Integer, Set<Integer>> backends = new TreeMap<>();
        for (int queueIndex = 0; queueIndex < 2; queueIndex++) {
            for (FlowCapture.Sent sent : FlowCapture.read(out(queueIndex))) {
                backends.computeIfAbsent(sent.flow(), _ -> new HashSet<>()).add(sent.backend());
            }
        }
        return backends;
    }

    /** The captures run in circles. A backend that has come back gets no packet of the flows that have moved away. */
    @Test
    void reloadReachesEveryWorkerAndLosesNoPacket() throws Exception {
        List<Long> flowsOfRemoved = flowsOfRemovedByWorker();
        assertThat(flowsOfRemoved).allMatch(flows -> flows > 0);
        try (NodeProcess node = start(1, "infinite_rx=1")) {
            node.awaitCounters(counters -> isPinned(counters) && packets(counters, REMOVED) > 0);
            configure(CONFIGURATION.replaceFirst(".*" + REMOVED + ".*\n", ""), 1, "infinite_rx=1");
            node.reload();
            node.awaitCounters(counters -> repins(counters).equals(flowsOfRemoved));
            assertThat(node.counters().backends().stream().map(BackendSnapshot::name))
                    .containsExactly("web1", "web2");
            configure(CONFIGURATION, 1, "infinite_rx=1");
            node.reload();
            CounterSnapshot restored = node.counters();
            long goal = restored.total(WorkerCounter.TX_PACKETS) + 100 * PACKETS_A_QUEUE;
            node.awaitCounters(counters -> counters.total(WorkerCounter.TX_PACKETS) > goal);
            assertThat(node.stop()).as(node.log()).isZero();

            CounterSnapshot last = node.counters();
            assertThat(packets(last, REMOVED)).isPositive().isEqualTo(packets(restored, REMOVED));
            assertThat(repins(last)).isEqualTo(flowsOfRemoved);
            assertThat(last.workers()).hasSize(2).allSatisfy(WorkersTest::hasLostNothing);
            assertThat(last.backends().stream()
                            .mapToLong(BackendSnapshot::packets)
                            .sum())
                    .isEqualTo(last.total(WorkerCounter.RX_PACKETS));
        }
    }

    private static boolean isPinned(CounterSnapshot counters) {
        return counters.workers().stream().allMatch(worker -> worker.value(WorkerCounter.FLOWS) == 2 * FLOWS_A_PART);
    }

    private static void hasLostNothing(WorkerSnapshot worker) {
        assertThat(worker.drops()).isEmpty();
        assertThat(worker.value(WorkerCounter.ERRORS)).isZero();
        assertThat(worker.value(WorkerCounter.TX_PACKETS))
                .isPositive()
                .isEqualTo(worker.value(WorkerCounter.RX_PACKETS));
        assertThat(worker.value(WorkerCounter.FLOW_MISSES)).isEqualTo(2 * FLOWS_A_PART);
    }

    private static List<Long> repins(CounterSnapshot counters) {
        return counters.workers().stream()
                .map(worker -> worker.value(WorkerCounter.FLOW_REPINS))
                .toList();
    }

    private static long packets(CounterSnapshot counters, String backend) {
        return counters.backends().stream()
                .filter(counted -> counted.name().equals(backend))
                .mapToLong(BackendSnapshot::packets)
                .sum();
    }

    /** As a node with outputs shows it: Maglev gives the same flows to the same backends in every process. */
    private List<Long> flowsOfRemovedByWorker() throws Exception {
        try (NodeProcess node = start(1, "tx_pcap=" + out(0) + ",tx_pcap=" + out(1))) {
            node.awaitCounters(counters -> counters.total(WorkerCounter.TX_PACKETS) == 4 * FLOWS_A_PART);
            assertThat(node.stop()).as(node.log()).isZero();
        }
        Map<Integer, Set<Integer>> backends = backendsByFlow();
        return FLOWS_BY_QUEUE.stream()
                .map(flows -> flows.stream()
                        .filter(flow -> backends.get(flow).contains(BACKENDS.get(REMOVED)))
                        .count())
                .collect(Collectors.toList());
    }

    private Path out(int queueIndex) {
        return directory.resolve("out" + queueIndex + ".pcap");
    }

    /** Starts a node on captures with so many packets of each flow. */
    private NodeProcess start(int packetsAFlow, String moreOfDevice) throws Exception {
        return NodeProcess.start(configure(CONFIGURATION, packetsAFlow, moreOfDevice), directory.resolve("state"));
    }

    private Path configure(String configuration, int packetsAFlow, String moreOfDevice) throws IOException {
        StringBuilder device = new StringBuilder();
        for (int queueIndex = 0; queueIndex < 2; queueIndex++) {
            Path in = directory.resolve("in" + queueIndex + ".pcap");
            if (Files.notExists(in)) {
                FlowCapture.write(in, FLOWS_BY_QUEUE.get(queueIndex), packetsAFlow);
            }
            device.append("rx_pcap=").append(in).append(',');
        }
        String text = configuration
                .replace("STATE", directory.resolve("state").toString())
                .replace("PREFIX", "l4lb-workers-" + ProcessHandle.current().pid())
                .replace("DEVICE", device + moreOfDevice)
                .replace("L4PORT", Integer.toString(FlowCapture.VIP_L4_PORT))
                .replace("VIP", FlowCapture.VIP);
        return Files.writeString(directory.resolve("lb.yaml"), text);
    }
}
