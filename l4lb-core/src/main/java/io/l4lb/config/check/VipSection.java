package io.l4lb.config.check;

import io.l4lb.config.VipConfig;
import io.l4lb.config.access.AccessList;
import io.l4lb.config.access.FlowTermsSection;
import io.l4lb.config.kind.AddressKinds;
import io.l4lb.config.quic.QuicSection;
import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import io.l4lb.net.Affinity;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;
import io.l4lb.net.Track;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** An entry of {@code vips:}. */
record VipSection(
        Setting<String> name,
        Setting<IpAddress> address,
        Setting<Protocol> protocol,
        Setting<Integer> l4Port,
        VipPoolsSection pools,
        Setting<Encapsulation> encapsulation,
        Setting<Integer> guePort,
        Setting<Affinity> affinity,
        Setting<VipConfig.WhenAllDown> whenAllDown,
        Setting<Track> track,
        FlowTermsSection terms,
        Setting<QuicSection> quic) {
    static final int MAX_L4_PORT = 65_535;

    private static final List<String> OWN_KEYS = List.of(
            "name",
            "address",
            "protocol",
            "l4Port",
            "pool",
            "pools",
            "encapsulation",
            "guePort",
            "affinity",
            "whenAllDown",
            "track",
            "quic");
    private static final List<String> KEYS =
            Stream.concat(OWN_KEYS.stream(), FlowTermsSection.KEYS.stream()).toList();
    private static final String ANY = "any";
    private static final ValueKind<Integer> NUMBER = ValueKind.integer(1, MAX_L4_PORT);
    private static final ValueKind<Integer> NUMBER_OR_ANY = new ValueKind<>(
            scalar -> ANY.equals(scalar.text())
                    ? Optional.of(VipConfig.ANY_L4_PORT)
                    : NUMBER.read().apply(scalar),
            scalar -> ANY + ", or " + NUMBER.expected().apply(scalar));

    private static final ValueKind<Affinity> AFFINITY = ValueKind.of(
            scalar -> Affinity.parse(scalar.text()),
            "one of flow, source, source/BITS with the leading bits of the client's address that count");

    static VipSection read(YamlNode node, String path, Findings findings) {
        MappingReader mapping = new MappingReader(node, path, findings, KEYS);
        return new VipSection(
                mapping.value("name", ValueKind.name()).required("a name"),
                mapping.value("address", AddressKinds.UNICAST).required("an IPv4 or IPv6 address"),
                mapping.value("protocol", ValueKind.word(Protocol.class, Protocol::label))
                        .orElse(Protocol.TCP),
                mapping.value("l4Port", NUMBER_OR_ANY).required(ANY + ", or an integer from 1 to " + MAX_L4_PORT),
                VipPoolsSection.read(mapping, findings),
                mapping.value("encapsulation", ValueKind.word(Encapsulation.class, Encapsulation::label))
                        .orElse(Encapsulation.IPIP),
                mapping.value("guePort", NUMBER),
                mapping.value("affinity", AFFINITY).orElse(Affinity.FLOW),
                mapping.value("whenAllDown", ValueKind.word(VipConfig.WhenAllDown.class, VipConfig.WhenAllDown::label))
                        .orElse(VipConfig.WhenAllDown.FORWARD),
                mapping.value("track", ValueKind.word(Track.class, Track::label))
                        .orElse(Track.ESTABLISHED),
                FlowTermsSection.read(mapping),
                mapping.section("quic", (at, quicPath) -> QuicSection.read(at, quicPath, findings)));
    }

    VipConfig config(Map<String, AccessList> accessLists) {
        return new VipConfig(
                name.get(),
                address.get(),
                protocol.get(),
                l4Port.get(),
                pools.config(),
                encapsulation.get(),
                guePort.orElse(VipConfig.DEFAULT_GUE_PORT).get(),
                affinity.get(),
                whenAllDown.get(),
                track.get(),
                terms.config(accessLists),
                quic.value().map(QuicSection::config));
    }
}
