package io.l4lb.config.check;

import io.l4lb.config.check.PoolSection.BackendSection;
import io.l4lb.config.yaml.Setting;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * That packets can get from the VIPs of a pool to its backends: an outer header needs a source of the backend's
 * family; l2 needs the backend's MAC and, because it leaves the IP header alone, a backend of the VIP's family.
 */
final class PathCheck {
    private PathCheck() {}

    static void check(DataplaneSection dataplane, Map<PoolSection, List<VipSection>> vipsByPool) {
        checkOuterSource(dataplane.outerSource().ipv4(), vipsByPool, false);
        checkOuterSource(dataplane.outerSource().ipv6(), vipsByPool, true);
        vipsByPool.forEach((pool, vips) -> {
            List<VipSection> direct = vips.stream()
                    .filter(vip -> encapsulationOf(vip).equals(Optional.of(Encapsulation.L2)))
                    .toList();
            first(direct, vip -> true).ifPresent(vip -> checkMacs(pool, vip));
            first(direct, vip -> isFamily(vip.address(), false)).ifPresent(vip -> checkFamily(pool, vip, false));
            first(direct, vip -> isFamily(vip.address(), true)).ifPresent(vip -> checkFamily(pool, vip, true));
        });
    }

    /** One fault at the source, however many backends want it. */
    private static void checkOuterSource(
            Setting<IpAddress> source, Map<PoolSection, List<VipSection>> vipsByPool, boolean ipv6) {
        if (source.isGiven()) {
            return;
        }
        for (Map.Entry<PoolSection, List<VipSection>> entry : vipsByPool.entrySet()) {
            Optional<VipSection> vip = first(
                    entry.getValue(),
                    user -> encapsulationOf(user)
                            .filter(Encapsulation::hasOuterHeader)
                            .isPresent());
            Optional<BackendSection> backend =
                    first(entry.getKey().backends(), candidate -> isFamily(candidate.address(), ipv6));
            if (vip.isPresent() && backend.isPresent()) {
                Setting<IpAddress> address = backend.get().address();
                Setting<Encapsulation> encapsulation = vip.get().encapsulation();
                source.fault("an address: " + address.key() + " in line " + address.line() + " is " + family(ipv6)
                        + " and " + encapsulation.key() + " is "
                        + encapsulation.get().label());
                return;
            }
        }
    }

    private static void checkMacs(PoolSection pool, VipSection vip) {
        for (BackendSection backend : pool.backends()) {
            backend.mac()
                    .required("the backend's MAC address, because "
                            + vip.encapsulation().key() + " is l2");
        }
    }

    private static void checkFamily(PoolSection pool, VipSection vip, boolean ipv6) {
        pool.backends().stream()
                .map(BackendSection::address)
                .filter(address -> isFamily(address, !ipv6))
                .forEach(address -> address.fault("an " + family(ipv6) + " address like "
                        + vip.address().key() + ", because l2 leaves the IP header as it is"));
    }

    private static Optional<Encapsulation> encapsulationOf(VipSection vip) {
        return vip.encapsulation().value();
    }

    private static boolean isFamily(Setting<IpAddress> address, boolean ipv6) {
        return address.value().filter(value -> value.ipv6() == ipv6).isPresent();
    }

    private static String family(boolean ipv6) {
        return ipv6 ? "IPv6" : "IPv4";
    }

    private static <T> Optional<T> first(List<T> all, Predicate<T> wanted) {
        return all.stream().filter(wanted).findFirst();
    }
}
