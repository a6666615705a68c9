package io.l4lb.config;

import io.l4lb.net.IpAddress;
import java.util.Optional;

/** The source addresses of outer headers; each is there if a backend of its family needs one. */
public record OuterSourceConfig(Optional<IpAddress> ipv4, Optional<IpAddress> ipv6) {
    public static final OuterSourceConfig NONE = new OuterSourceConfig(Optional.empty(), Optional.empty());

    /** {@return the source for an outer header of the family of {@code destination}} */
    public Optional<IpAddress> towards(IpAddress destination) {
        return destination.ipv6() ? ipv6 : ipv4;
    }
}
