package io.l4lb.cli;

import io.l4lb.cli.report.CounterReport;
import io.l4lb.cli.report.Json;
import io.l4lb.cli.usage.ExitCode;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.dpdk.eal.Eal;
import io.l4lb.replay.PcapException;
import io.l4lb.replay.Replay;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code demo} does where no namespaces can be made: the real pipeline over a shipped capture of 1,000 packets. The
 * capture is made by {@code mixed_capture.py --packets 1000 --seed 7} (l4lb-core/src/test/scapy).
 */
final class ReplayDemo {
    private static final String FOLDER = "/demo/";
    private static final String CAPTURE = "clients.pcap";
    private static final String CONFIG = "node.yaml";

    private ReplayDemo() {}

    static int run(String reason, boolean json, PrintWriter out) throws IOException, PcapException {
        Path directory = Files.createTempDirectory("l4lb-demo");
        try {
            Path in = copy(CAPTURE, directory);
            Path sent = directory.resolve("sent.pcap");
            Path punted = directory.resolve("punted.pcap");
            L4lbConfig config = read(copy(CONFIG, directory));
            CounterSnapshot counters;
            try (Eal eal = Eal.start(Replay.ealArguments())) {
                counters = new Replay(eal, config, packets -> {}).run(in, sent, Optional.of(punted));
            }
            print(reason, json, counters, out);
            return counters.total(WorkerCounter.TX_PACKETS) > 0 ? ExitCode.DONE : ExitCode.FAILED;
        } finally {
            delete(directory);
        }
    }

    private static void print(String reason, boolean json, CounterSnapshot counters, PrintWriter out) {
        if (json) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("lab", false);
            document.put("reason", reason);
            document.put("replay", CounterReport.document(counters));
            out.println(Json.text(document));
            return;
        }
        out.println("demo: " + reason
                + "; replaying a shipped capture through the real pipeline and DPDK's pcap device instead");
        CounterReport.print(counters, out);
        out.printf(
                "%,d packets in, %,d sent (%,d of them echo replies), %,d punted; the rest was malformed or not to be"
                        + " forwarded, by the reasons above%n",
                counters.total(WorkerCounter.RX_PACKETS),
                counters.total(WorkerCounter.TX_PACKETS),
                counters.total(WorkerCounter.ECHO_REPLIES),
                counters.total(WorkerCounter.PUNTED_PACKETS));
        out.println("try it on a capture of your own: ./l4lb replay --help");
    }

    private static L4lbConfig read(Path file) throws IOException {
        if (ConfigReader.read(file) instanceof ConfigResult.Loaded loaded) {
            return loaded.config();
        }
        throw new IOException("the shipped " + CONFIG + " has faults");
    }

    private static Path copy(String name, Path directory) throws IOException {
        Path target = directory.resolve(name);
        try (InputStream in = ReplayDemo.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IOException("the shipped " + name + " is missing");
            }
            Files.copy(in, target);
        }
        return target;
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
