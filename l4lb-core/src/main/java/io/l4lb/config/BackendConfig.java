package io.l4lb.config;

import io.l4lb.cid.ServerId;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import java.util.Optional;

/**
 * A machine that answers clients.
 *
 * @param address its identity in the Maglev table, and where encapsulated packets go
 * @param weight 0 .. {@link #MAX_WEIGHT}, relative to the others of its pool; 0: pinned flows stay, no new ones
 * @param mac there if a VIP with encapsulation l2 uses the pool
 * @param quicServerId what it puts in the QUIC connection IDs that it issues
 */
public record BackendConfig(
        String name, IpAddress address, int weight, Optional<MacAddress> mac, Optional<ServerId> quicServerId) {
    public static final int DEFAULT_WEIGHT = 100;
    public static final int MAX_WEIGHT = 65_535;

    /** One whose QUIC connection IDs say nothing. */
    public BackendConfig(String name, IpAddress address, int weight, Optional<MacAddress> mac) {
        this(name, address, weight, mac, Optional.empty());
    }
}
