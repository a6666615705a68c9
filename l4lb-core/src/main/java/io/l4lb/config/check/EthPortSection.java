package io.l4lb.config.check;

import io.l4lb.config.EthPortConfig;
import io.l4lb.config.EthPortConfig.KernelInterface;
import io.l4lb.config.kind.AddressKinds;
import io.l4lb.config.yaml.Findings;
import io.l4lb.config.yaml.MappingReader;
import io.l4lb.config.yaml.Setting;
import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import io.l4lb.net.IpAddress;
import io.l4lb.net.IpPrefix;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** An entry of {@code ethPorts:}. */
record EthPortSection(
        Setting<String> name,
        Setting<String> device,
        Setting<KernelInterfaceSection> kernelInterface,
        Setting<Boolean> xdpFilter,
        Setting<Integer> transmitVlan) {
    /** net_af_xdp with an interface, and without a program of the operator's own. */
    private static final Pattern FILTERED = Pattern.compile("net_af_xdp[^,]*,(?!(.*,)?xdp_prog=)(.*,)?iface=[^,]+.*");

    private static final Pattern IFACE = Pattern.compile(",iface=([^,]+)");

    static EthPortSection read(YamlNode node, String path, Findings findings) {
        MappingReader mapping = new MappingReader(
                node, path, findings, List.of("name", "device", "kernelInterface", "xdpFilter", "transmitVlan"));
        return new EthPortSection(
                mapping.value("name", ValueKind.name()).required("a name"),
                mapping.value("device", ValueKind.text())
                        .required("a PCI address such as \"0000:3b:00.0\", or a DPDK vdev"),
                mapping.section("kernelInterface", (at, atPath) -> KernelInterfaceSection.read(at, atPath, findings)),
                mapping.value("xdpFilter", ValueKind.truth()).orElse(false),
                mapping.value("transmitVlan", ValueKind.integer(1, EthPortConfig.MAX_VLAN)));
    }

    EthPortConfig config() {
        return new EthPortConfig(
                name.get(),
                device.get(),
                kernelInterface.value().map(section -> section.config(name.get())),
                xdpFilter.get(),
                transmitVlan.value().orElse(0));
    }

    /** {@return the name of the kernel's interface, as far as it is written down} */
    Optional<Setting<String>> kernelName() {
        return kernelInterface.value().map(KernelInterfaceSection::name);
    }

    /** {@return the kernel's interfaces that this ethPort uses, or makes} */
    Stream<String> interfaces() {
        Stream<String> made = kernelInterface
                .value()
                .flatMap(section -> section.name().value().or(() -> name.value().map(KernelInterface::defaultName)))
                .stream();
        Stream<String> used =
                device.value().map(IFACE::matcher).filter(Matcher::find).map(found -> found.group(1)).stream();
        return Stream.concat(made, used);
    }

    void check() {
        boolean filter = xdpFilter.value().orElse(false);
        if (filter && kernelInterface.isGiven()) {
            xdpFilter.fault("one of kernelInterface (DPDK owns the NIC) and xdpFilter (the kernel keeps it), not both");
        }
        device.value()
                .filter(text -> filter && !FILTERED.matcher(text).matches())
                .ifPresent(
                        _ -> device.fault("a device \"net_af_xdpN,iface=...\" without xdp_prog, for xdpFilter: true"));
        boolean defaultName = kernelInterface
                .value()
                .filter(section -> !section.name().isGiven())
                .isPresent();
        name.value()
                .map(KernelInterface::defaultName)
                .filter(text -> defaultName && text.length() > KernelInterface.NAME_LENGTH_MAX)
                .ifPresent(text -> kernelInterface.fault("a name of at most " + KernelInterface.NAME_LENGTH_MAX
                        + " characters, which " + text + " is not"));
    }

    /** {@code kernelInterface:}. */
    record KernelInterfaceSection(
            Setting<String> name,
            Setting<List<Setting<IpPrefix>>> addresses,
            Setting<List<Setting<IpAddress>>> gateways) {
        private static final ValueKind<String> INTERFACE_NAME = ValueKind.of(
                scalar -> ValueKind.name()
                        .read()
                        .apply(scalar)
                        .filter(text -> text.length() <= KernelInterface.NAME_LENGTH_MAX),
                "a name of up to " + KernelInterface.NAME_LENGTH_MAX
                        + " letters, digits, '.', '-', '_', the first a letter or digit");

        static KernelInterfaceSection read(YamlNode node, String path, Findings findings) {
            MappingReader mapping = new MappingReader(node, path, findings, List.of("name", "addresses", "gateways"));
            return new KernelInterfaceSection(
                    mapping.value("name", INTERFACE_NAME),
                    mapping.values("addresses", AddressKinds.INTERFACE_ADDRESS).orElse(List.of()),
                    mapping.values("gateways", AddressKinds.UNICAST).orElse(List.of()));
        }

        KernelInterface config(String ethPortName) {
            return new KernelInterface(
                    name.value().orElse(KernelInterface.defaultName(ethPortName)),
                    addresses.get().stream().map(Setting::get).toList(),
                    gateways.get().stream().map(Setting::get).toList());
        }
    }
}
