package io.l4lb.config.kind;

import io.l4lb.config.yaml.ValueKind;
import io.l4lb.config.yaml.YamlNode;
import io.l4lb.net.IpAddress;
import io.l4lb.net.IpPrefix;
import io.l4lb.net.MacAddress;
import java.util.function.Predicate;

/** Addresses as values of a configuration; for the sections of all packages. */
public final class AddressKinds {
    public static final ValueKind<IpAddress> UNICAST =
            unicast(address -> true, "an IPv4 or IPv6 address, such as 192.0.2.1 or \"2001:db8::1\"");

    public static final ValueKind<IpAddress> UNICAST_IPV4 =
            unicast(address -> !address.ipv6(), "an IPv4 address, such as 192.0.2.1");

    public static final ValueKind<IpAddress> UNICAST_IPV6 =
            unicast(IpAddress::ipv6, "an IPv6 address, such as \"2001:db8::1\"");

    public static final ValueKind<MacAddress> UNICAST_MAC = ValueKind.of(
            scalar -> MacAddress.parse(scalar.text()).filter(MacAddress::isUnicast),
            "the MAC address of one machine, such as \"02:00:00:00:00:01\"");

    public static final ValueKind<IpPrefix> INTERFACE_ADDRESS = ValueKind.of(
            scalar -> IpPrefix.parse(scalar.text())
                    .filter(prefix -> prefix.address().isUnicast() && prefix.length() > 0),
            "an address with its prefix length, such as 192.0.2.1/24 or \"2001:db8::1/64\"");

    private AddressKinds() {}

    private static ValueKind<IpAddress> unicast(Predicate<IpAddress> family, String expected) {
        return new ValueKind<>(
                scalar -> IpAddress.parse(scalar.text())
                        .filter(IpAddress::isUnicast)
                        .filter(family),
                scalar -> expected + objection(scalar));
    }

    private static String objection(YamlNode.Scalar scalar) {
        return IpAddress.parse(scalar.text())
                .map(address -> {
                    if (address.isUnspecified()) {
                        return "; this one stands for no machine";
                    } else if (address.isLoopback()) {
                        return "; this one is the machine's own (loopback)";
                    } else if (address.isMulticast()) {
                        return "; this one is multicast";
                    }
                    return address.isReserved() ? "; this one is reserved or broadcast" : "";
                })
                .orElse("");
    }
}
