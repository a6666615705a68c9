package io.l4lb.bench.warmup;

import io.l4lb.bench.contender.ContenderException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One start of a whole node by the launcher, timed from outside until its line with "ready"; then it is stopped.
 *
 * @param readyMs from the launcher's start
 * @param phases what the node's log says of them
 */
record NodeStart(double readyMs, String phases) {
    private static final int LIMIT_SECONDS = 60;
    private static final String PHASES = "started in ";
    private static final String CONFIGURATION = """
            node: {id: bench, stateDirectory: "STATE"}
            dataplane:
              eal: ["--no-huge", "-m", "256", "--no-shconf", "--no-telemetry"]
              ethPorts: [{name: edge, device: "net_null0"}]
              outerSource: {ipv4: 192.0.2.1, ipv6: "2001:db8::1"}
              nextHop: "02:00:00:00:00:01"
              flowTable: {flows: 1000000}
            pools:
              - name: web
                backends: [{name: web1, address: 10.0.0.11}, {name: web2, address: 10.0.0.12}]
            vips:
              - {name: web4, address: 198.51.100.1, l4Port: 443, pool: web}
              - {name: web6, address: "2001:db8:ffff::1", l4Port: 443, pool: web, encapsulation: gue}
            """;

    /** Starts one and stops it. */
    static NodeStart measure(Path root) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("l4lb-bench-node");
        Path configuration = directory.resolve("node.yaml");
        Path log = directory.resolve("log");
        Files.writeString(configuration, CONFIGURATION.replace("STATE", "" + directory.resolve("state")));
        long startNs = System.nanoTime();
        ProcessBuilder builder = new ProcessBuilder(
                        root.resolve("l4lb").toString(), "run", "-c", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("RUNTIME_DIRECTORY", directory.toString());
        Process node = builder.start();
        Thread killer = Thread.ofPlatform().unstarted(node::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(killer);
        try {
            awaitReady(node, log, startNs);
            double readyMs = (System.nanoTime() - startNs) / 1e6;
            return new NodeStart(
                    readyMs, line(log, PHASES).map(NodeStart::phases).orElse(""));
        } finally {
            node.destroy();
            if (!node.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                node.destroyForcibly();
            }
            Runtime.getRuntime().removeShutdownHook(killer);
            delete(directory);
        }
    }

    private static void awaitReady(Process node, Path log, long startNs) throws IOException, InterruptedException {
        while (line(log, "ready: ").isEmpty()) {
            if (!node.isAlive() || System.nanoTime() - startNs > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
                throw new ContenderException("the node did not get ready; it said:\n" + Files.readString(log), null);
            }
            Thread.sleep(5);
        }
    }

    private static Optional<String> line(Path log, String words) throws IOException {
        return Files.readString(log)
                .lines()
                .filter(line -> line.contains(words))
                .findFirst();
    }

    private static String phases(String line) {
        return line.substring(line.indexOf(PHASES) + PHASES.length());
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** {@return the lines of a report on several} */
    static List<String> report(List<NodeStart> starts) {
        return starts.stream()
                .map(start -> "ready after %.0f ms; the node: %s".formatted(start.readyMs(), start.phases()))
                .toList();
    }
}
