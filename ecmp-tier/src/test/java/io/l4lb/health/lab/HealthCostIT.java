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
 * kernel's; that of the lab's bridge and of the backend's receiving side are in it too, because veth runs them in the sender's
 * context. All backends are addresses of one nginx in another namespace.
 */
class HealthCostIT {
    private static final int BACKENDS = 2000;
    private static final int WARM_UP_SECONDS = 20;
    private static final int MEASURED_SECONDS = 10;
    private static HealthLab lab;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        lab = HealthLab.upOrSkip(HealthCostIT.class);
        lab.in("backend1", "ip", "route", "add", "local", "10.99.0.0/16", "dev", "lo");
        lab.in("node1", "ip", "route", "add", "10.99.0.0/16", "via", "10.98.1.21");
    }

    @AfterAll
    static void remove() {
        if (lab != null) {
            lab.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"tcp, address, 0.20", "http, dataplane, 0.40"})
    void thousandsOfBackendsCostLittle(String type, String via, double maxShare)
            throws IOException, InterruptedException {
        try (CheckProcess checks = lab.check(1, type + "-" + via, configuration(type, via))) {
            checks.awaitReady();
            checks.cpuShare(WARM_UP_SECONDS);
            double share = checks.cpuShare(MEASURED_SECONDS);
            System.out.printf(
                    "HealthCostIT: %d backends every second, %s via %s: %.1f %% of a CPU%n",
                    BACKENDS, type, via, 100 * share);

            assertThat(checks.lines().stream().filter(line -> line.contains(" up ")))
                    .hasSize(BACKENDS);
            assertThat(checks.lines().stream().filter(line -> line.contains(" down ")))
                    .isEmpty();
            assertThat(share).isLessThan(maxShare);
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
                    healthCheck: {type: %s, via: %s, l4Port: 80, intervalMs: 1000, timeoutMs: 900}
                    backends:
                %svips:
                  - {name: web, address: 203.0.113.1, protocol: tcp, l4Port: 80, pool: many}
                """.formatted(type, via, backends);
    }
}
