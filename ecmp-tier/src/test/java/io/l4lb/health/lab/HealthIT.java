package io.l4lb.health.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two nodes' health checks beside each other: node 1 checks by the data path, every VIP and encapsulation, node 2 by the backends'
 * addresses. Each test begins when all
 * backends are up, and leaves the lab as it found it.
 */
class HealthIT {
    private static final int INTERVAL_MS = 200;
    private static final int FALL = 3;
    /** What the issue allows beyond the intervals. */
    private static final int MARGIN_MS = 500;

    /** In all pools of the lab. */
    private static final int BACKENDS = 6;
    /**
     * What is measured begins when all were up for so long: in its first seconds a JVM on a busy machine does not answer itself in
     * time, and what was found before must not be taken for what a test does.
     */
    private static final Duration UNDISTURBED = Duration.ofMillis(10 * INTERVAL_MS);

    private static HealthLab lab;
    private static CheckProcess byDataPath;
    private static CheckProcess byAddress;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        lab = HealthLab.upOrSkip(HealthIT.class);
        byDataPath = lab.check(1, "dataplane", configuration(1, "dataplane"));
        byAddress = lab.check(2, "address", configuration(2, "address"));
        byDataPath.awaitReady();
        byAddress.awaitReady();
    }

    private static String configuration(int node, String via) throws IOException {
        String check = "    healthCheck: {type: http, via: " + via + ", l4Port: 80, body: backend, intervalMs: "
                + INTERVAL_MS + ", timeoutMs: 150, rise: 2, fall: " + FALL + "}\n";
        return lab.configurationOfNode(node).replaceAll("    healthCheck: .*\n", check);
    }

    @AfterAll
    static void remove() throws IOException {
        if (byDataPath != null) {
            byDataPath.close();
        }
        if (byAddress != null) {
            byAddress.close();
        }
        if (lab != null) {
            lab.close();
        }
    }

    @BeforeEach
    void awaitAllUp() throws IOException, InterruptedException {
        byDataPath.awaitAllUp(BACKENDS, UNDISTURBED);
        byAddress.awaitAllUp(BACKENDS, UNDISTURBED);
    }

    /** That they are up is what each test begins with. */
    @Test
    void everyBackendIsUpOverEveryEncapsulationAndFamily() throws IOException {
        assertThat(byDataPath.lines()).contains("ready " + 3 * 14);
        assertThat(byAddress.lines()).contains("ready " + 3 * 2);
    }

    @Test
    void aDeadNginxIsFoundBothWaysInTime() throws IOException, InterruptedException {
        int line1 = byDataPath.lines().size();
        int line2 = byAddress.lines().size();
        long startMs = System.currentTimeMillis();
        lab.killNginx(2);
        long afterDataPathMs = byDataPath.awaitChange("backend2", false, line1).atMs() - startMs;
        long afterAddressMs = byAddress.awaitChange("backend2", false, line2).atMs() - startMs;
        System.out.printf(
                "HealthIT: nginx dead, found after %d ms (dataplane), %d ms (address); interval %d ms, fall %d%n",
                afterDataPathMs, afterAddressMs, INTERVAL_MS, FALL);

        lab.startNginx(2);
        byDataPath.awaitChange("backend2", true, line1);
        byAddress.awaitChange("backend2", true, line2);

        assertThat(List.of(afterDataPathMs, afterAddressMs))
                .allSatisfy(ms -> assertThat(ms).isLessThanOrEqualTo(FALL * INTERVAL_MS + MARGIN_MS));
    }

    @Test
    void aBrokenTunnelIsFoundByTheDataPathOnly() throws IOException, InterruptedException {
        int line1 = byDataPath.lines().size();
        int line2 = byAddress.lines().size();
        long startMs = System.currentTimeMillis();
        lab.breakTunnel(1);
        CheckProcess.Change found = byDataPath.awaitChange("backend1", false, line1);
        System.out.printf(
                "HealthIT: tunnel broken, found after %d ms (dataplane): %s%n", found.atMs() - startMs, found.reason());
        lab.mendTunnel(1);
        byDataPath.awaitChange("backend1", true, line1);

        assertThat(byAddress.lines().stream().skip(line2)).isEmpty();
    }

    @Test
    void aMissingVipAddressIsFoundByTheDataPathOnly() throws IOException, InterruptedException {
        int line1 = byDataPath.lines().size();
        int line2 = byAddress.lines().size();
        lab.in("backend3", "ip", "addr", "del", "203.0.113.3/32", "dev", "lo");
        CheckProcess.Change found = byDataPath.awaitChange("backend3", false, line1);
        lab.in("backend3", "ip", "addr", "add", "203.0.113.3/32", "dev", "lo");
        byDataPath.awaitChange("backend3", true, line1);

        assertThat(found.reason()).contains("203.0.113.3 by gue");
        assertThat(byAddress.lines().stream().skip(line2)).isEmpty();
    }
}
