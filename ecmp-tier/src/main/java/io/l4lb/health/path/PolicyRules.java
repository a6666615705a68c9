package io.l4lb.health.path;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy rules by which local senders find a node's table of VIP routes, one for each family. Rules outlive a killed process.
 * Which table a node uses follows from its tun device's number, so a rule whose table is no living device's is a left-over,
 * whoever left it. Other nodes in the namespace keep theirs. One thread.
 */
final class PolicyRules {
    /** Of all nodes' tun devices. */
    static final String DEVICE_PREFIX = "l4lbhc-";

    private static final Logger LOG = LoggerFactory.getLogger(PolicyRules.class);

    /** Behind the kernel's local table (0), before main (32766). */
    private static final String PREFERENCE = "24680";
    /** 100 to 249, by interface: nodes in one namespace do not share a table, unless one of them makes 150 interfaces. */
    private static final int FIRST_TABLE = 100;

    private static final int TABLES = 150;
    private static final List<String> FAMILIES = List.of("-4", "-6");
    private static final Pattern RULE = Pattern.compile("(?m)^" + PREFERENCE + ":\\s+from all iif lo lookup (\\d+)");
    private static final Pattern DEVICE = Pattern.compile("(?m)^(\\d+): " + DEVICE_PREFIX);

    private static final int IP_SECONDS = 5;
    private static final int OUTPUT_BYTES_MAX = 16 << 20;

    private final int interfaceIndex;
    private final int table;

    /** @param interfaceIndex of the tun device, which exists */
    PolicyRules(int interfaceIndex) {
        this.interfaceIndex = interfaceIndex;
        this.table = table(interfaceIndex);
    }

    private static int table(int interfaceIndex) {
        return FIRST_TABLE + interfaceIndex % TABLES;
    }

    /** {@return the table that the rules lead to} */
    int table() {
        return table;
    }

    /** Makes the rules, and removes what killed processes have left. */
    void put() {
        for (String family : FAMILIES) {
            // rules first: who has one by then has its device too, so no node that starts meanwhile loses its own
            List<Integer> rules = rules(family);
            Set<Integer> others = tablesOfOthers();
            List<Integer> left = rules.stream()
                    .filter(each -> each >= FIRST_TABLE && each < FIRST_TABLE + TABLES && !others.contains(each))
                    .toList();
            left.forEach(each -> remove(family, each));
            if (!others.contains(table) || !rules.contains(table)) {
                add(family);
            }
        }
    }

    private void add(String family) {
        if (ip(family, "rule", "add", "pref", PREFERENCE, "iif", "lo", "lookup", Integer.toString(table))
                .isEmpty()) {
            LOG.warn("no policy rule for health checks via dataplane over {}", family);
        }
    }

    /** Removes the rules. */
    void remove() {
        if (!tablesOfOthers().contains(table)) {
            FAMILIES.forEach(family -> remove(family, table));
        }
    }

    private static void remove(String family, int of) {
        ip(family, "rule", "del", "pref", PREFERENCE, "iif", "lo", "lookup", Integer.toString(of));
    }

    private static List<Integer> rules(String family) {
        return numbers(RULE, ip("-N", family, "rule", "show"));
    }

    private Set<Integer> tablesOfOthers() {
        Set<Integer> tables = new HashSet<>();
        for (int device : numbers(DEVICE, ip("-o", "link", "show"))) {
            if (device != interfaceIndex) {
                tables.add(table(device));
            }
        }
        return tables;
    }

    private static List<Integer> numbers(Pattern pattern, Optional<String> text) {
        return pattern.matcher(text.orElse(""))
                .results()
                .map(found -> Integer.parseInt(found.group(1)))
                .toList();
    }

    /** {@return what {@code ip} prints; empty when it fails} */
    private static Optional<String> ip(String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            // ends one that hangs, and so the reading of what it says
            Thread limit = Thread.ofVirtual().start(() -> endLate(process));
            try (InputStream said = process.getInputStream()) {
                String text = new String(said.readNBytes(OUTPUT_BYTES_MAX), StandardCharsets.UTF_8);
                return process.waitFor() == 0 ? Optional.of(text) : Optional.empty();
            } finally {
                limit.interrupt();
            }
        } catch (IOException e) {
            LOG.warn("cannot run '{}': {}", String.join(" ", command), e.getMessage());
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static void endLate(Process process) {
        try {
            if (!process.waitFor(IP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // it has ended
        }
    }
}
