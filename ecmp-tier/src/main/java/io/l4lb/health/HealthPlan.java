package io.l4lb.health;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.HealthCheckConfig;
import io.l4lb.config.HealthCheckConfig.Pace;
import io.l4lb.config.HealthCheckConfig.Via;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.forwarding.ForwardingNumbers.Destination;
import io.l4lb.health.path.WaySpec;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a configuration wants checked: for each backend of a pool, the checks that have to succeed. Immutable.
 *
 * @param routedVips addresses that checks connect to on their backends
 */
record HealthPlan(List<Item> items, Set<IpAddress> routedVips) {
    /** More ways to each backend are not tried: pools with hundreds of VIPs exist, and their addresses come and go together. */
    static final int MAX_WAYS = 16;

    /** A backend and its checks. */
    record Item(String pool, String backend, Pace pace, List<CheckKey> checks) {}

    static HealthPlan of(L4lbConfig config) {
        List<Item> items = new ArrayList<>();
        for (PoolConfig pool : config.pools()) {
            pool.healthCheck().ifPresent(check -> {
                List<VipConfig> vips = vipsOf(config, pool);
                pool.backends().forEach(backend -> items.add(item(config, pool, backend, check, vips)));
            });
        }
        Set<IpAddress> routed = items.stream()
                .flatMap(item -> item.checks().stream())
                .flatMap(check -> check.way().tunnel().stream())
                .map(WaySpec.Tunnel::vip)
                .collect(Collectors.toSet());
        return new HealthPlan(List.copyOf(items), routed);
    }

    private static List<VipConfig> vipsOf(L4lbConfig config, PoolConfig pool) {
        return config.vips().stream().filter(vip -> vip.uses(pool.name())).toList();
    }

    private static Item item(
            L4lbConfig config, PoolConfig pool, BackendConfig backend, HealthCheckConfig check, List<VipConfig> vips) {
        List<WaySpec> ways = check.via() == Via.ADDRESS || vips.isEmpty()
                ? List.of(new WaySpec(backend.address(), sourceFor(check, backend.address()), Optional.empty()))
                : vips.stream()
                        .map(vip -> tunnel(config, backend, check, vip))
                        .distinct()
                        .limit(MAX_WAYS)
                        .toList();
        List<CheckKey> keys = ways.stream()
                .map(way -> new CheckKey(
                        check.type(),
                        check.l4Port(),
                        check.request(),
                        way,
                        check.pace().intervalMs(),
                        check.pace().timeoutMs()))
                .toList();
        return new Item(pool.name(), backend.name(), check.pace(), keys);
    }

    private static WaySpec tunnel(L4lbConfig config, BackendConfig backend, HealthCheckConfig check, VipConfig vip) {
        boolean isFrame = vip.encapsulation() == Encapsulation.L2;
        int guePort = vip.encapsulation() == Encapsulation.GUE ? vip.guePort() : 0;
        Destination destination = new Destination(
                "",
                backend.address(),
                vip.encapsulation(),
                guePort,
                vip.address().ipv6(),
                "");
        WaySpec.Tunnel tunnel = new WaySpec.Tunnel(
                vip.address(),
                destination,
                isFrame ? backend.mac() : Optional.empty(),
                isFrame ? Optional.empty() : config.dataplane().outerSource().towards(backend.address()));
        return new WaySpec(backend.address(), sourceFor(check, vip.address()), Optional.of(tunnel));
    }

    private static Optional<IpAddress> sourceFor(HealthCheckConfig check, IpAddress target) {
        return check.sourceAddress().filter(source -> source.ipv6() == target.ipv6());
    }
}
