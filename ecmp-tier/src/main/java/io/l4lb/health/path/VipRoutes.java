package io.l4lb.health.path;

import io.l4lb.dpdk.tun.TunRoutes;
import io.l4lb.net.IpAddress;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Routes by which this machine's own packets to the VIPs get to the tun device. In a table of their own, reached by a policy rule
 * for local senders: routing daemons do not see them, and checks go on while a VIP is withdrawn. One thread.
 *
 * <p>The routes vanish with the device, the rules with the next start at the latest: see {@link PolicyRules}.
 */
final class VipRoutes implements AutoCloseable {
    /** What the kernel leaves to others: `ip route` shows it as a number. */
    private static final int PROTOCOL_NUMBER = 247;

    private static final int METRIC = 1;

    private final PolicyRules rules;
    private final TunRoutes routes;
    private final Set<IpAddress> routed = new HashSet<>();

    VipRoutes(int interfaceIndex) {
        rules = new PolicyRules(interfaceIndex);
        routes = new TunRoutes(interfaceIndex, rules.table(), PROTOCOL_NUMBER, METRIC);
        rules.put();
    }

    void set(Collection<IpAddress> vips) {
        for (IpAddress vip : vips) {
            if (!routed.contains(vip)) {
                routes.put(vip.bytes());
                routed.add(vip);
            }
        }
        for (IpAddress gone : List.copyOf(routed)) {
            if (!vips.contains(gone)) {
                routes.remove(gone.bytes());
                routed.remove(gone);
            }
        }
    }

    /** The routes go with the device, which is closed next. */
    @Override
    public void close() {
        rules.remove();
        routes.close();
    }
}
