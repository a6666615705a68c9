package io.l4lb.config.quic;

import io.l4lb.cid.CidScheme;
import java.util.List;

/**
 * {@code quic:} of a VIP.
 *
 * @param configs one or more, each with an id of its own; all of one server ID length, which is that of the backends' IDs
 */
public record QuicConfig(List<CidScheme> configs) {
    public QuicConfig {
        configs = List.copyOf(configs);
    }
}
