package io.l4lb.warmup;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.net.Affinity;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What decides which way a packet to a VIP takes through the code.
 *
 * @param ipv6 family of client and VIP
 * @param outerIpv6 family of the backend
 */
record TrafficKind(
        boolean ipv6,
        Protocol protocol,
        boolean anyL4Port,
        Encapsulation encapsulation,
        boolean outerIpv6,
        Affinity affinity) {

    /** {@return every kind there can be} */
    static List<TrafficKind> all() {
        List<TrafficKind> kinds = new ArrayList<>();
        for (Encapsulation encapsulation : Encapsulation.values()) {
            for (Protocol protocol : Protocol.values()) {
                for (Affinity affinity : List.of(Affinity.FLOW, Affinity.SOURCE)) {
                    for (int bits = 0; bits < 8; bits++) {
                        kinds.add(new TrafficKind(
                                (bits & 1) != 0, protocol, (bits & 2) != 0, encapsulation, (bits & 4) != 0, affinity));
                    }
                }
            }
        }
        return List.copyOf(kinds);
    }

    /** {@return the kinds that a configuration asks for, one or more} */
    static List<TrafficKind> of(L4lbConfig config) {
        return config.vips().stream()
                .flatMap(vip -> of(
                        vip,
                        config.poolsOf(vip).stream()
                                .flatMap(pool -> pool.backends().stream())
                                .toList()))
                .distinct()
                .toList();
    }

    private static Stream<TrafficKind> of(VipConfig vip, List<BackendConfig> backends) {
        return backends.stream()
                .map(backend -> backend.address().ipv6())
                .distinct()
                .map(outerIpv6 -> new TrafficKind(
                        vip.address().ipv6(),
                        vip.protocol(),
                        vip.isAnyL4Port(),
                        vip.encapsulation(),
                        outerIpv6,
                        vip.affinity().isSource() ? Affinity.SOURCE : Affinity.FLOW));
    }
}
