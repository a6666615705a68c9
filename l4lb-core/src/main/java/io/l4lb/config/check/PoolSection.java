package io.l4lb.config.check;

import io.l4lb.cid.ServerId;
import io.l4lb.config.BackendConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.config.health.HealthCheckSection;
import io.l4lb.config.kind.AddressKinds;
import io.l4lb.config.quic.QuicSection;
import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import io.l4lb.hash.MaglevTable;
import io.l4lb.hash.Primes;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import java.util.List;
import java.util.Optional;

/** An entry of {@code pools:}. */
record PoolSection(
        Setting<String> name,
        Setting<Integer> tableSize,
        Setting<List<BackendSection>> backendList,
        Setting<HealthCheckSection> healthCheck,
        Setting<Integer> slowStartSeconds) {
    private static final ValueKind<Integer> ANY_SIZE = ValueKind.integer(2, MaglevTable.MAX_SLOT_COUNT);
    private static final ValueKind<Integer> PRIME = new ValueKind<>(
            scalar -> ANY_SIZE.read().apply(scalar).filter(Primes::isPrime),
            scalar -> ANY_SIZE.read()
                    .apply(scalar)
                    .map(PoolSection::nearestPrime)
                    .orElse("a prime from 2 to " + MaglevTable.MAX_SLOT_COUNT + ", in decimal, such as 65537"));

    static PoolSection read(YamlNode node, String path, Findings findings) {
        MappingReader mapping = new MappingReader(
                node, path, findings, List.of("name", "tableSize", "backends", "healthCheck", "slowStartSeconds"));
        PoolSection section = new PoolSection(
                mapping.value("name", ValueKind.name()).required("a name"),
                mapping.value("tableSize", PRIME).orElse(PoolConfig.DEFAULT_TABLE_SIZE),
                mapping.list("backends", (at, atPath) -> BackendSection.read(at, atPath, findings))
                        .required("one or more backends"),
                mapping.section("healthCheck", (at, atPath) -> HealthCheckSection.read(at, atPath, findings)),
                mapping.value("slowStartSeconds", ValueKind.integer(0, PoolConfig.MAX_SLOW_START_SECONDS))
                        .orElse(PoolConfig.DEFAULT_SLOW_START_SECONDS));
        RootSection.refuseEmpty(section.backendList, "one or more backends");
        return section;
    }

    List<BackendSection> backends() {
        return backendList.value().orElse(List.of());
    }

    PoolConfig config() {
        return new PoolConfig(
                name.get(),
                tableSize.get(),
                backends().stream().map(BackendSection::config).toList(),
                healthCheck.value().flatMap(HealthCheckSection::config),
                slowStartSeconds.get());
    }

    private static String nearestPrime(int size) {
        int next = Primes.nextPrime(size);
        return next > MaglevTable.MAX_SLOT_COUNT ? "a prime, such as 65537" : "a prime; the next one is " + next;
    }

    /** An entry of {@code backends:}. */
    record BackendSection(
            Setting<String> name,
            Setting<IpAddress> address,
            Setting<Integer> weight,
            Setting<MacAddress> mac,
            Setting<ServerId> quicServerId) {
        static BackendSection read(YamlNode node, String path, Findings findings) {
            MappingReader mapping = new MappingReader(
                    node, path, findings, List.of("name", "address", "weight", "mac", "quicServerId"));
            return new BackendSection(
                    mapping.value("name", ValueKind.name()).required("a name"),
                    mapping.value("address", AddressKinds.UNICAST).required("an IPv4 or IPv6 address"),
                    mapping.value("weight", ValueKind.integer(0, BackendConfig.MAX_WEIGHT))
                            .orElse(BackendConfig.DEFAULT_WEIGHT),
                    mapping.value("mac", AddressKinds.UNICAST_MAC),
                    mapping.value("quicServerId", QuicSection.SERVER_ID));
        }

        Optional<Boolean> isIpv6() {
            return address.value().map(IpAddress::ipv6);
        }

        BackendConfig config() {
            return new BackendConfig(name.get(), address.get(), weight.get(), mac.value(), quicServerId.value());
        }
    }
}
