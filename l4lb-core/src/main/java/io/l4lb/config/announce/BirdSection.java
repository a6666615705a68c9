package io.l4lb.config.announce;

import io.l4lb.config.announce.BirdConfig.NeighbourConfig;
import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import io.l4lb.net.IpAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The keys of {@code announce:} that go with {@code daemon: bird}. */
record BirdSection(
        Setting<Path> configFile,
        Setting<Path> controlSocket,
        Setting<Long> localAs,
        Setting<LocalAddressSection> localAddress,
        Setting<Integer> bfdIntervalMs,
        Setting<Integer> bfdMultiplier,
        Setting<List<NeighbourSection>> neighbours) {
    static final List<String> KEYS = List.of(
            "configFile", "controlSocket", "localAs", "localAddress", "bfdIntervalMs", "bfdMultiplier", "neighbours");
    private static final int BFD_INTERVAL_MS_MAX = 10_000;
    private static final int BFD_MULTIPLIER_MAX = 255;
    private static final long AS_MAX = 4_294_967_295L;
    private static final Pattern AS_TEXT = Pattern.compile("[1-9][0-9]{0,9}");
    /** A path goes into the daemon's configuration and commands, between quotes. */
    private static final Pattern PATH_TEXT = Pattern.compile("/[^\\p{Cntrl}\"\\\\]*");

    private static final ValueKind<Long> AS_NUMBER = ValueKind.of(
            scalar -> Optional.of(scalar.text())
                    .filter(text -> scalar.isPlain() && AS_TEXT.matcher(text).matches())
                    .map(Long::parseLong)
                    .filter(number -> number <= AS_MAX),
            "an AS number, 1 to " + AS_MAX);
    private static final ValueKind<Path> ABSOLUTE_PATH = ValueKind.of(
            scalar -> Optional.of(scalar.text())
                    .filter(text -> PATH_TEXT.matcher(text).matches())
                    .map(Path::of),
            "an absolute path, such as " + BirdConfig.DEFAULT_CONFIG_FILE);
    private static final ValueKind<Boolean> TRUE_OR_FALSE = ValueKind.of(
            scalar -> Optional.of(scalar.text())
                    .filter(text -> scalar.isPlain() && (text.equals("true") || text.equals("false")))
                    .map(Boolean::parseBoolean),
            "true or false");
    private static final ValueKind<IpAddress> ADDRESS = ValueKind.of(
            scalar -> IpAddress.parse(scalar.text()).filter(IpAddress::isUnicast),
            "an IPv4 or IPv6 address of one machine");

    static BirdSection read(MappingReader mapping, Findings findings) {
        return new BirdSection(
                mapping.value("configFile", ABSOLUTE_PATH).orElse(BirdConfig.DEFAULT_CONFIG_FILE),
                mapping.value("controlSocket", ABSOLUTE_PATH).orElse(BirdConfig.DEFAULT_CONTROL_SOCKET),
                mapping.value("localAs", AS_NUMBER),
                mapping.section("localAddress", (at, path) -> LocalAddressSection.read(at, path, findings)),
                mapping.value("bfdIntervalMs", ValueKind.integer(1, BFD_INTERVAL_MS_MAX))
                        .orElse(BirdConfig.DEFAULT_BFD_INTERVAL_MS),
                mapping.value("bfdMultiplier", ValueKind.integer(1, BFD_MULTIPLIER_MAX))
                        .orElse(BirdConfig.DEFAULT_BFD_MULTIPLIER),
                mapping.list("neighbours", (at, path) -> NeighbourSection.read(at, path, findings)));
    }

    Stream<Setting<?>> settings() {
        return Stream.of(configFile, controlSocket, localAs, localAddress, bfdIntervalMs, bfdMultiplier, neighbours);
    }

    void require() {
        localAs.required("this node's AS number");
        neighbours.required("one or more routers, each {address: …, as: …}");
        if (neighbours.value().filter(List::isEmpty).isPresent()) {
            neighbours.fault("one or more routers, each {address: …, as: …}");
        }
        Setting.refuseRepeats(
                neighbours.value().orElse(List.of()).stream().map(NeighbourSection::address),
                "a router that is not in the list yet");
    }

    void check(List<IpAddress> vips, Optional<IpAddress> outerIpv4, Optional<IpAddress> outerIpv6) {
        checkFamily(vips, outerIpv4, false);
        checkFamily(vips, outerIpv6, true);
    }

    private void checkFamily(List<IpAddress> vips, Optional<IpAddress> outer, boolean ipv6) {
        boolean wanted = Stream.concat(vips.stream(), routers()).anyMatch(address -> address.ipv6() == ipv6);
        if (wanted
                && local(outer, ipv6).isEmpty()
                && localAddress.isGiven() == localAddress.value().isPresent()) {
            String key = ipv6 ? "ipv6" : "ipv4";
            localAddress.fault("an address of this node under " + key + ": a VIP or a neighbour has that family, and"
                    + " dataplane.outerSource has none");
        }
    }

    private Stream<IpAddress> routers() {
        return neighbours.value().orElse(List.of()).stream().flatMap(neighbour -> neighbour.address().value().stream());
    }

    private Optional<IpAddress> local(Optional<IpAddress> outer, boolean ipv6) {
        return localAddress
                .value()
                .flatMap(section -> (ipv6 ? section.ipv6() : section.ipv4()).value())
                .or(() -> outer);
    }

    BirdConfig config(Optional<IpAddress> outerIpv4, Optional<IpAddress> outerIpv6) {
        return new BirdConfig(
                configFile.get(),
                controlSocket.get(),
                localAs.get(),
                local(outerIpv4, false),
                local(outerIpv6, true),
                bfdIntervalMs.get(),
                bfdMultiplier.get(),
                neighbours.get().stream().map(NeighbourSection::config).toList());
    }

    /** {@code localAddress:}. */
    record LocalAddressSection(Setting<IpAddress> ipv4, Setting<IpAddress> ipv6) {
        static LocalAddressSection read(YamlNode node, String path, Findings findings) {
            MappingReader mapping = new MappingReader(node, path, findings, List.of("ipv4", "ipv6"));
            return new LocalAddressSection(mapping.value("ipv4", family(false)), mapping.value("ipv6", family(true)));
        }

        private static ValueKind<IpAddress> family(boolean ipv6) {
            return ValueKind.of(
                    scalar -> ADDRESS.read().apply(scalar).filter(address -> address.ipv6() == ipv6),
                    ipv6 ? "an IPv6 address of this node" : "an IPv4 address of this node");
        }
    }

    /** An entry of {@code neighbours:}. */
    record NeighbourSection(Setting<IpAddress> address, Setting<Long> as, Setting<Boolean> bfd) {
        static NeighbourSection read(YamlNode node, String path, Findings findings) {
            MappingReader mapping = new MappingReader(node, path, findings, List.of("address", "as", "bfd"));
            return new NeighbourSection(
                    mapping.value("address", ADDRESS).required("the router's address"),
                    mapping.value("as", AS_NUMBER).required("the router's AS number"),
                    mapping.value("bfd", TRUE_OR_FALSE).orElse(true));
        }

        NeighbourConfig config() {
            return new NeighbourConfig(address.get(), as.get(), bfd.get());
        }
    }
}
