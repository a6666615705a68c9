package io.l4lb.health.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tun device of the health checks and the policy rules that lead to it: what becomes of them when things go wrong. */
class HealthTunIT {
    private static final int BACKENDS = 6;
    private static final List<String> FAMILIES = List.of("-4", "-6");
    private static final Pattern DEVICE = Pattern.compile("(?m)^(\\d+): (l4lbhc-[^:@]+)");
    private static final Pattern RULE = Pattern.compile("(?m)^24680:\\s+from all iif lo lookup (\\d+)");
    private static final String OPERATORS_RULE = "24680:\tfrom all iif lo lookup 99";

    private HealthLab lab;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        lab = HealthLab.upOrSkip(HealthTunIT.class);
    }

    @AfterEach
    void remove() {
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void aStartRemovesTheRulesOfKilledNodesAndNobodyElses() throws IOException, InterruptedException {
        lab.in("node1", "ip", "rule", "add", "pref", "24680", "iif", "lo", "lookup", "99");
        try (CheckProcess other = lab.check(1, "other", configuration("other", 1000, 3));
                CheckProcess killed = lab.check(1, "killed", configuration("node1", 1000, 3))) {
            other.awaitReady();
            killed.awaitReady();
            Set<Integer> both = livingTables();
            assertThat(both).hasSize(2);
            assertRulesAre(both);

            killed.kill();
            Set<Integer> living = livingTables();
            assertThat(living).hasSize(1);
            assertRulesAre(both); // the kernel keeps them: else this test shows nothing

            try (CheckProcess next = lab.check(1, "next", configuration("node1", 1000, 3))) {
                next.awaitReady();
                assertThat(livingTables()).hasSize(2).containsAll(living).isNotEqualTo(both);
                assertRulesAre(livingTables());
                assertThat(lab.in("node1", "ip", "rule")).contains(OPERATORS_RULE);
                next.end();
                assertThat(livingTables()).isEqualTo(living);
                assertRulesAre(living);
            }
        }
    }

    /** By the link's number, as `ip` prints it: what the tables are called by is the product's promise to operators. */
    private Set<Integer> livingTables() throws IOException, InterruptedException {
        return DEVICE.matcher(lab.in("node1", "ip", "-o", "link"))
                .results()
                .map(device -> 100 + Integer.parseInt(device.group(1)) % 150)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void assertRulesAre(Set<Integer> tables) throws IOException, InterruptedException {
        for (String family : FAMILIES) {
            List<Integer> rules = RULE.matcher(lab.in("node1", "ip", family, "rule"))
                    .results()
                    .map(rule -> Integer.parseInt(rule.group(1)))
                    .filter(table -> table >= 100)
                    .toList();
            assertThat(rules).as("rules %s", family).containsExactlyInAnyOrderElementsOf(tables);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ip link del l4lbhc-node1", "ip link set l4lbhc-node1 down"})
    void anInterfaceThatSomebodyTakesAwayComesBackAndNoBackendGoesDown(String command)
            throws IOException, InterruptedException {
        try (CheckProcess checks = lab.check(1, "checks", configuration("node1", 500, 8))) {
            checks.awaitReady();
            checks.awaitAllUp(BACKENDS, Duration.ofSeconds(2));
            Set<Integer> before = livingTables();
            int line = checks.lines().size();

            lab.in("node1", command.split(" ", -1));
            checks.await(text -> text.contains("the interface l4lbhc-node1 is there again"), line);
            assertThat(livingTables()).hasSize(1).isNotEqualTo(before);
            assertRulesAre(livingTables());

            checks.awaitAllUp(BACKENDS, Duration.ofSeconds(6)); // longer than it takes to find eight failures
            assertThat(checks.lines().stream().skip(line)).noneMatch(text -> text.startsWith("change "));

            lab.killNginx(2); // what is up is not merely remembered
            checks.awaitChange("backend2", false, line);
            lab.startNginx(2);
            checks.awaitAllUp(BACKENDS, Duration.ZERO);
        }
    }

    private String configuration(String id, int intervalMs, int fall) throws IOException {
        String check = "    healthCheck: {type: http, l4Port: 80, body: backend, intervalMs: " + intervalMs
                + ", timeoutMs: 450, rise: 2, fall: " + fall + "}\n";
        return lab.configurationOfNode(1)
                .replaceFirst("(?m)\\bid: *[^,}\\s]+", "id: " + id)
                .replaceAll("    healthCheck: .*\n", check);
    }
}
