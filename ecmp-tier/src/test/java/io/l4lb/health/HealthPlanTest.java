package io.l4lb.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.check.ConfigReader;
import io.l4lb.config.check.ConfigResult;
import io.l4lb.net.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthPlanTest {
    @TempDir
    private Path directory;

    @Test
    void identicalChecksOfSeveralPoolsAreOne() throws IOException {
        HealthPlan plan = plan("""
                pools:
                  - name: a
                    backends: [{name: x, address: 10.0.0.1}, {name: y, address: 10.0.0.2}]
                    healthCheck: {type: tcp, via: address, l4Port: 80, rise: 1}
                  - name: b
                    backends: [{name: z, address: 10.0.0.1}]
                    healthCheck: {type: tcp, via: address, l4Port: 80, rise: 5}
                  - name: c
                    backends: [{name: z, address: 10.0.0.1}]
                    healthCheck: {type: tcp, via: address, l4Port: 81}
                vips: [{name: v, address: 198.51.100.1, l4Port: 80, pool: a}]
                """);

        assertThat(plan.items()).hasSize(4);
        assertThat(checks(plan)).hasSize(3);
        assertThat(plan.routedVips()).isEmpty();
    }

    @Test
    void checksThatTravelTheDataPathTryEveryVipOfThePool() throws IOException {
        HealthPlan plan = plan("""
                pools:
                  - name: a
                    backends: [{name: x, address: 10.0.0.1}]
                    healthCheck: {type: tcp, l4Port: 80}
                vips:
                  - {name: v, address: 198.51.100.1, l4Port: 80, pool: a}
                  - {name: w, address: 198.51.100.1, l4Port: 443, pool: a}
                  - {name: u, address: 198.51.100.1, l4Port: 444, pool: a, encapsulation: gue}
                  - {name: s, address: "2001:db8::2", l4Port: 80, pool: a}
                """);

        assertThat(checks(plan).stream().map(check -> check.way().toString()))
                .containsExactlyInAnyOrder(
                        "198.51.100.1 by ipip on 10.0.0.1",
                        "198.51.100.1 by gue on 10.0.0.1",
                        "2001:db8::2 by ipip on 10.0.0.1");
        assertThat(plan.routedVips().stream().map(IpAddress::toString))
                .containsExactlyInAnyOrder("198.51.100.1", "2001:db8::2");
    }

    @Test
    void checksAreSpreadOverTheInterval() throws IOException {
        StringBuilder backends = new StringBuilder();
        for (int i = 0; i < 2000; i++) {
            backends.append("{name: b")
                    .append(i)
                    .append(", address: 10.0.")
                    .append(i / 250)
                    .append('.')
                    .append(1 + i % 250)
                    .append("}, ");
        }
        HealthPlan plan = plan("""
                pools:
                  - name: a
                    backends: [%s]
                    healthCheck: {type: tcp, via: address, l4Port: 80, intervalMs: 1000}
                vips: [{name: v, address: 198.51.100.1, l4Port: 80, pool: a}]
                """.formatted(backends));

        int[] perTenth = new int[10];
        checks(plan).forEach(check -> perTenth[(int) (Math.floorMod(check.spread(), 1_000_000_000L) / 100_000_000)]++);

        assertThat(perTenth).containsOnly(perTenth).satisfies(counts -> {
            for (int count : counts) {
                assertThat(count).isBetween(120, 280); // 200 each, give or take 6 standard deviations
            }
        });
    }

    private static Set<CheckKey> checks(HealthPlan plan) {
        return plan.items().stream().flatMap(item -> item.checks().stream()).collect(Collectors.toSet());
    }

    private HealthPlan plan(String poolsAndVips) throws IOException {
        Path file = directory.resolve("l4lb.yaml");
        Files.writeString(
                file,
                "node: {id: n}\ndataplane: {outerSource: {ipv4: 192.0.2.1, ipv6: \"2001:db8::1\"}}\n" + poolsAndVips);
        return switch (ConfigReader.read(file)) {
            case ConfigResult.Loaded loaded -> HealthPlan.of(config(loaded));
            case ConfigResult.Rejected rejected -> throw new AssertionError(List.copyOf(rejected.faults()));
        };
    }

    private static L4lbConfig config(ConfigResult.Loaded loaded) {
        return loaded.config();
    }
}
