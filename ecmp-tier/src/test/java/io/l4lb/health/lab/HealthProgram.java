package io.l4lb.health.lab;

import com.sun.management.OperatingSystemMXBean;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import io.l4lb.health.HealthChecks;
import io.l4lb.health.path.DataPath;
import io.l4lb.net.BackendState;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The health checks of a configuration alone, in a namespace of the lab. Says "change MILLISECONDS POOL BACKEND up|doubted|down REASON",
 * "ready" when all have had a result, and on "cpu SECONDS" what share of a CPU the process takes; ends with its input.
 */
final class HealthProgram {
    private static final Duration FIRST_RESULTS = Duration.ofSeconds(30);

    private HealthProgram() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        L4lbConfig config = switch (ConfigReader.read(Path.of(arguments[0]))) {
            case ConfigResult.Loaded loaded -> loaded.config();
            case ConfigResult.Rejected rejected ->
                throw new IOException(rejected.faults().toString());
        };
        try (HealthChecks checks = new HealthChecks(
                        HealthProgram::say,
                        () -> new DataPath(
                                config.node().id(), config.dataplane().mtuBytes()));
                BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            checks.apply(config);
            boolean complete = checks.awaitFirstResults(FIRST_RESULTS);
            System.out.println((complete ? "ready " : "incomplete ") + checks.checkCount());
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                System.out.println("cpu " + cpuShare(Integer.parseInt(order.replace("cpu ", ""))));
            }
        }
    }

    private static synchronized void say(String pool, String backend, BackendState state, String reason) {
        System.out.println("change " + System.currentTimeMillis() + " " + pool + " " + backend + " " + state.label()
                + " " + reason);
    }

    private static double cpuShare(int seconds) throws InterruptedException {
        OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpuNs = process.getProcessCpuTime();
        long startNs = System.nanoTime();
        Thread.sleep(Duration.ofSeconds(seconds));
        return (double) (process.getProcessCpuTime() - cpuNs) / (System.nanoTime() - startNs);
    }
}
