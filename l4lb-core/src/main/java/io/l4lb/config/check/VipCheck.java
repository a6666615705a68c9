package io.l4lb.config.check;

import io.l4lb.cid.ServerId;
import io.l4lb.config.quic.ServerIdCheck;
import io.l4lb.config.yaml.Setting;
import io.l4lb.net.Affinity;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a VIP, its pool and the dataplane have to agree on. */
final class VipCheck {
    /** More names than this in one message help nobody. */
    private static final int MAX_NAMED = 10;

    private VipCheck() {}

    static void check(RootSection root) {
        Setting.refuseRepeats(root.vips().stream().map(VipSection::name), "a name of its own");
        checkTwice(root.vips());
        Map<IpAddress, Setting<IpAddress>> taken = takenAddresses(root);
        for (VipSection vip : root.vips()) {
            checkAddress(vip, taken);
            checkGuePort(vip);
            vip.terms().checkMode(vip.protocol(), vip.track());
            checkAffinity(vip);
            checkQuic(vip);
        }
        Map<PoolSection, List<VipSection>> byPool = vipsByPool(root);
        PathCheck.check(root.dataplane(), byPool);
        byPool.forEach((pool, vips) -> ServerIdCheck.check(
                vips.stream().map(VipSection::quic).toList(),
                pool.backends().stream()
                        .map(PoolSection.BackendSection::quicServerId)
                        .toList()));
        root.vips().stream()
                .filter(vip -> vip.quic().isGiven())
                .forEach(vip -> ServerIdCheck.checkAcross(serverIds(byPool, vip)));
    }

    /** {@return of each pool of a VIP, those that its backends have} */
    private static List<List<Setting<ServerId>>> serverIds(Map<PoolSection, List<VipSection>> byPool, VipSection vip) {
        return byPool.entrySet().stream()
                .filter(entry -> entry.getValue().contains(vip))
                .map(entry -> entry.getKey().backends().stream()
                        .map(PoolSection.BackendSection::quicServerId)
                        .toList())
                .toList();
    }

    private static void checkTwice(List<VipSection> vips) {
        Map<List<Object>, VipSection> first = new HashMap<>();
        for (VipSection vip : vips) {
            if (vip.address().value().isPresent()
                    && vip.protocol().value().isPresent()
                    && vip.l4Port().value().isPresent()) {
                List<Object> identity = List.of(
                        vip.address().get(), vip.protocol().get(), vip.l4Port().get());
                VipSection earlier = first.putIfAbsent(identity, vip);
                if (earlier != null) {
                    vip.address()
                            .fault("address, protocol and l4Port that no other VIP has; "
                                    + earlier.address().key() + " in line "
                                    + earlier.address().line() + " has the same");
                }
            }
        }
    }

    private static Map<IpAddress, Setting<IpAddress>> takenAddresses(RootSection root) {
        Map<IpAddress, Setting<IpAddress>> taken = new HashMap<>();
        root.pools().stream()
                .flatMap(pool -> pool.backends().stream())
                .map(PoolSection.BackendSection::address)
                .forEach(address -> address.value().ifPresent(value -> taken.putIfAbsent(value, address)));
        DataplaneSection.OuterSourceSection source = root.dataplane().outerSource();
        source.ipv4().value().ifPresent(value -> taken.put(value, source.ipv4()));
        source.ipv6().value().ifPresent(value -> taken.put(value, source.ipv6()));
        return taken;
    }

    private static void checkAddress(VipSection vip, Map<IpAddress, Setting<IpAddress>> taken) {
        vip.address()
                .value()
                .map(taken::get)
                .ifPresent(owner -> vip.address()
                        .fault("an address that is nothing but a VIP; " + owner.key() + " in line " + owner.line()
                                + " is the same"));
    }

    private static void checkGuePort(VipSection vip) {
        vip.encapsulation()
                .value()
                .filter(encapsulation ->
                        encapsulation != Encapsulation.GUE && vip.guePort().isGiven())
                .ifPresent(encapsulation ->
                        vip.guePort().fault("no such key with encapsulation " + encapsulation.label()));
    }

    private static void checkAffinity(VipSection vip) {
        boolean isTooLong = vip.affinity()
                .value()
                .filter(Affinity::isSource)
                .filter(affinity -> affinity.prefixBits() > Affinity.IPV4_BITS_MAX && !affinity.equals(Affinity.SOURCE))
                .isPresent();
        if (isTooLong
                && vip.address().value().filter(address -> !address.ipv6()).isPresent()) {
            vip.affinity()
                    .fault("source, or source/1 to source/32: " + vip.address().key() + " is IPv4");
        }
    }

    private static void checkQuic(VipSection vip) {
        vip.protocol()
                .value()
                .filter(protocol -> protocol != Protocol.UDP && vip.quic().isGiven())
                .ifPresent(protocol -> vip.quic().fault("no such key with protocol " + protocol.label()));
    }

    /** {@return the VIPs of each pool} A VIP whose pool is not there is a fault. */
    private static Map<PoolSection, List<VipSection>> vipsByPool(RootSection root) {
        Map<String, PoolSection> pools = new LinkedHashMap<>();
        root.pools().forEach(pool -> pool.name().value().ifPresent(name -> pools.putIfAbsent(name, pool)));
        Map<PoolSection, List<VipSection>> byPool = new LinkedHashMap<>();
        pools.values().forEach(pool -> byPool.put(pool, new ArrayList<>()));
        boolean isComplete = true;
        for (VipSection vip : root.vips()) {
            vip.pools().checkAddresses(pools);
            List<Setting<String>> names = vip.pools().names();
            isComplete &= !names.isEmpty();
            for (Setting<String> name : names) {
                Optional<PoolSection> pool = name.value().map(pools::get);
                pool.ifPresent(found -> byPool.get(found).add(vip));
                isComplete &= pool.isPresent();
                if (pool.isEmpty() && name.value().isPresent()) {
                    name.fault("the name of a pool" + known(pools));
                }
            }
        }
        if (isComplete) {
            byPool.forEach(VipCheck::warnIfUnused);
        }
        return byPool;
    }

    private static void warnIfUnused(PoolSection pool, List<VipSection> vips) {
        if (vips.isEmpty()) {
            pool.name().warn("no VIP uses this pool");
        }
    }

    private static String known(Map<String, PoolSection> pools) {
        return pools.isEmpty() || pools.size() > MAX_NAMED ? "" : ": " + String.join(", ", pools.keySet());
    }
}
