package io.l4lb.config.access;

import java.util.Optional;

/**
 * On what terms a VIP's flows are let in.
 *
 * @param accessList by which clients are let in; empty: all are
 */
public record FlowTerms(Optional<AccessList> accessList) {
    public static final FlowTerms DEFAULTS = new FlowTerms(Optional.empty());
}
