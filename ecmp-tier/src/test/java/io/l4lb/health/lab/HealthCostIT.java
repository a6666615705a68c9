package io.l4lb.health.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What {@value #BACKENDS} backends cost that are checked every second: CPU time of the checking process, with its share of the
 * kernel's. All backends are addresses of one nginx in another namespace.
 *
 * <p>veth receives within the sender's system call. So that the process is not charged with the lab's bridge and its backend's
 * receiving side, all links of the lab hand what they receive to kernel threads (threaded NAPI); what the node's own link
 * receives is then in one too, and is printed: a NIC's interrupt would do it, in nobody's account. The machine is shared, and CPU
 * time grows with what others do to its caches: by a factor of two from day to day: all windows
 * are printed, and what comes out does not depend on them.
 */
class HealthCostIT {
    private static final int BACKENDS = 2000;
    private static final int WARM_UP_SECONDS = 20;
    private static final int WINDOWS = 6;
    private static final int WINDOW_SECONDS = 5;
    /** A check that runs wild takes all that there is; see the class comment for why the aim, 20 %, is not asserted. */
    private static final double RUNAWAY_SHARE = 0.9;

    private static HealthLab lab;
    private static KernelThread nodeReceiver;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        lab = HealthLab.upOrSkip(HealthCostIT.class);
        lab.in("backend1", "ip", "route", "add", "local", "10.99.0.0/16", "dev", "lo");
        lab.in("node1", "ip", "route", "add", "10.99.0.0/16", "via", "10.98.1.21");
        lab.receiveInThreads("router", "node1");
        lab.receiveInThreads("router", "backend1");
        lab.receiveInThreads("backend1", "b0");
        nodeReceiver = lab.receiveInThreads("node1", "l0");
    }

    @AfterAll
    static void remove() {
        if (lab != null) {
            lab.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"tcp, address", "http, dataplane"})
    void thousandsOfBackendsCostLittle(String type, String via) throws IOException, InterruptedException {
        try (CheckProcess checks = lab.check(1, type + "-" + via, configuration(type, via))) {
            checks.awaitReady();
            checks.cpuShare(WARM_UP_SECONDS);
            double best = Double.MAX_VALUE;
            for (int window = 0; window < WINDOWS; window++) {
                double received = nodeReceiver.cpuSeconds();
                double share = checks.cpuShare(WINDOW_SECONDS);
                best = Math.min(best, share);
                System.out.printf(
                        "HealthCostIT: %d backends every second, %s via %s: %.1f %% of a CPU; the node's link %.1f %%%n",
                        BACKENDS,
                        type,
                        via,
                        100 * share,
                        100 * (nodeReceiver.cpuSeconds() - received) / WINDOW_SECONDS);
            }

            // a busy machine's results may come too late; fall is a minute of them
            assertThat(checks.lastChanges())
                    .hasSize(BACKENDS)
                    .allSatisfy((_, last) -> assertThat(last.up()).isTrue());
            assertThat(best).isLessThan(RUNAWAY_SHARE);
        }
    }

    private static String configuration(String type, String via) {
        String backends = IntStream.range(0, BACKENDS)
                .mapToObj(i -> "      - {name: b" + i + ", address: 10.99." + i / 250 + "." + (1 + i % 250) + "}\n")
                .collect(Collectors.joining());
        return """
                node: {id: node1, stateDirectory: /tmp}
                dataplane: {outerSource: {ipv4: 10.98.1.11}, mtuBytes: 1700}
                pools:
                  - name: many
                    tableSize: 200003
                    healthCheck: {type: %s, via: %s, l4Port: 80, intervalMs: 1000, timeoutMs: 900, fall: 60}
                    backends:
                %svips:
                  - {name: web, address: 203.0.113.1, protocol: tcp, l4Port: 80, pool: many}
                """.formatted(type, via, backends);
    }
}
