package io.l4lb.config.check;

import io.l4lb.config.VipConfig.PoolShare;
import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import io.l4lb.net.IpAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code pool:} or {@code pools:} of a VIP. */
record VipPoolsSection(Setting<String> one, Setting<List<ShareSection>> several) {
    static VipPoolsSection read(MappingReader vip, Findings findings) {
        Setting<String> one = vip.value("pool", ValueKind.name());
        Setting<List<ShareSection>> several = vip.list("pools", (at, path) -> ShareSection.read(at, path, findings));
        VipPoolsSection section = new VipPoolsSection(one, several);
        if (one.value().isPresent() && several.value().isPresent()) {
            several.fault("pool or pools, not both");
        } else if (!several.isGiven()) {
            one.required("the name of a pool; or pools, a list of {name, weight}");
        } else {
            section.checkShares();
        }
        return section;
    }

    private void checkShares() {
        RootSection.refuseEmpty(several, "one or more pools");
        Setting.refuseRepeats(shares().stream().map(ShareSection::name), "a pool that is not there yet");
        boolean allZero = !shares().isEmpty()
                && shares().stream().allMatch(share -> share.weight().value().equals(Optional.of(0)));
        if (allZero) {
            several.fault("a weight above 0 for one of them at least");
        }
    }

    private List<ShareSection> shares() {
        return several.value().orElse(List.of());
    }

    /** {@return the names as they are given} */
    List<Setting<String>> names() {
        return Stream.concat(
                        Stream.of(one).filter(Setting::isGiven),
                        shares().stream().map(ShareSection::name))
                .toList();
    }

    /** A flow's backend is known by its address: in two pools of one VIP it could not be told which. */
    void checkAddresses(Map<String, PoolSection> pools) {
        Map<IpAddress, String> first = new HashMap<>();
        for (ShareSection share : shares()) {
            share.name()
                    .value()
                    .map(pools::get)
                    .ifPresent(pool -> pool.backends().stream()
                            .flatMap(backend -> backend.address().value().stream())
                            .filter(address -> !pool.name()
                                    .get()
                                    .equals(first.computeIfAbsent(
                                            address, a -> pool.name().get())))
                            .findFirst()
                            .ifPresent(address -> share.name()
                                    .fault("a pool without " + address + ", which pool " + first.get(address)
                                            + " of this VIP has too")));
        }
    }

    List<PoolShare> config() {
        return several.isGiven()
                ? shares().stream().map(ShareSection::config).toList()
                : List.of(new PoolShare(one.get(), PoolShare.DEFAULT_WEIGHT));
    }

    /** An entry of {@code pools:} of a VIP. */
    record ShareSection(Setting<String> name, Setting<Integer> weight) {
        static ShareSection read(YamlNode node, String path, Findings findings) {
            MappingReader mapping = new MappingReader(node, path, findings, List.of("name", "weight"));
            return new ShareSection(
                    mapping.value("name", ValueKind.name()).required("the name of a pool"),
                    mapping.value("weight", ValueKind.integer(0, PoolShare.MAX_WEIGHT))
                            .orElse(PoolShare.DEFAULT_WEIGHT));
        }

        PoolShare config() {
            return new PoolShare(name.get(), weight.get());
        }
    }
}
