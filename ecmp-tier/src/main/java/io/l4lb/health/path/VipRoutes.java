package io.l4lb.health.path;

import io.l4lb.dpdk.tun.TunRoutes;
import io.l4lb.net.IpAddress;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Routes by which this machine's own packets to the VIPs get to the tun device. In a table of their own, reached by a policy rule
 * for local senders: routing daemons do not see them, and checks go on while a VIP is withdrawn. One thread.
 *
 * <p>The routes vanish with the device. The rule may outlive a killed process; it then leads to an empty table, and
 * a start that takes the same table removes it.
 */
final class VipRoutes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VipRoutes.class);

    /** Behind the kernel's local table (0), before main (32766). */
    private static final String RULE_PREFERENCE = "24680";
    /** 100 to 249, by interface: nodes in one namespace do not share a table. */
    private static final int FIRST_TABLE = 100;

    private static final int TABLES = 150;
    /** What the kernel leaves to others: `ip route` shows it as a number. */
    private static final int PROTOCOL_NUMBER = 247;

    private static final int METRIC = 1;
    private static final int MAX_LEFT_RULES = 16;
    private static final int IP_SECONDS = 5;
    private static final List<String> FAMILIES = List.of("-4", "-6");

    private final String table;
    private final TunRoutes routes;
    private final Set<IpAddress> routed = new HashSet<>();

    VipRoutes(int interfaceIndex) {
        int number = FIRST_TABLE + interfaceIndex % TABLES;
        table = Integer.toString(number);
        routes = new TunRoutes(interfaceIndex, number, PROTOCOL_NUMBER, METRIC);
        for (String family : FAMILIES) {
            removeRules(family);
            if (!ip(family, "rule", "add", "pref", RULE_PREFERENCE, "iif", "lo", "lookup", table)) {
                LOG.warn("no policy rule for health checks via dataplane over {}", family);
            }
        }
    }

    void set(Collection<IpAddress> vips) {
        for (IpAddress vip : vips) {
            if (routed.add(vip)) {
                routes.put(vip.bytes());
            }
        }
        for (IpAddress gone : List.copyOf(routed)) {
            if (!vips.contains(gone)) {
                routes.remove(gone.bytes());
                routed.remove(gone);
            }
        }
    }

    /** Of this table: a killed process may have had the same interface number. */
    private void removeRules(String family) {
        for (int i = 0; i < MAX_LEFT_RULES; i++) {
            if (!ip(family, "rule", "del", "pref", RULE_PREFERENCE, "lookup", table)) {
                return;
            }
        }
    }

    private static boolean ip(String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(IP_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            LOG.warn("cannot run '{}': {}", String.join(" ", command), e.getMessage());
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        FAMILIES.forEach(this::removeRules);
        set(List.of());
        routes.close();
    }
}
