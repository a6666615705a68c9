package io.l4lb.health.path;

import io.l4lb.forwarding.ForwardingNumbers.Destination;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import java.util.Optional;

/**
 * What makes a way that way: two checks with the same are one.
 *
 * @param source given in the configuration, of the target's family
 * @param tunnel empty: plainly to the backend's address
 */
public record WaySpec(IpAddress backend, Optional<IpAddress> source, Optional<Tunnel> tunnel) {
    /**
     * How a VIP's packets get to the backend.
     *
     * @param vip its address
     * @param destination with an empty name for the pool: pools do not matter here
     * @param mac of the backend, for l2
     * @param outerSource empty for l2
     */
    public record Tunnel(
            IpAddress vip, Destination destination, Optional<MacAddress> mac, Optional<IpAddress> outerSource) {}

    /** {@return the address that sockets connect to} */
    public IpAddress target() {
        return tunnel.map(Tunnel::vip).orElse(backend);
    }

    /** {@return how operators know the way} */
    @Override
    public String toString() {
        return tunnel.map(through -> through.vip() + " by "
                        + through.destination().encapsulation().label() + " on " + backend)
                .orElse(backend.toString());
    }
}
