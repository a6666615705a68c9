package io.l4lb.node.kernel;

import io.l4lb.net.IpAddress;
import io.l4lb.node.kernel.Neighbours.Neighbour;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks the kernel's own look-up where packets to backends would go: rules, multipath and metrics are its matter. */
final class Routes {
    private Routes() {}

    /** {@return by backend, who on which link gets its packets; without those that have no route} */
    static Map<IpAddress, Neighbour> of(Collection<IpAddress> backends) {
        Map<IpAddress, Neighbour> routes = new HashMap<>();
        if (backends.isEmpty()) {
            return routes;
        }
        List<String> lines = new ArrayList<>(backends.size());
        backends.forEach(backend -> lines.add("route get " + backend));
        // one process for all; -force: one without a route does not end it
        for (Map<String, Object> route : SystemTool.run(List.of("ip", "-j", "-force", "-batch", "-"), lines)
                .objects()) {
            String destination = String.valueOf(route.get("dst"));
            if (!route.containsKey("type") && route.get("dev") instanceof String device) {
                IpAddress.parse(destination)
                        .ifPresent(backend -> routes.put(backend, new Neighbour(gateway(route, destination), device)));
            }
        }
        return routes;
    }

    private static String gateway(Map<String, Object> route, String destination) {
        Optional<Object> other = Optional.ofNullable(route.get("via")) // an IPv4 route by an IPv6 gateway
                .filter(Map.class::isInstance)
                .map(via -> ((Map<?, ?>) via).get("host"));
        return String.valueOf(other.orElse(route.getOrDefault("gateway", destination)));
    }
}
