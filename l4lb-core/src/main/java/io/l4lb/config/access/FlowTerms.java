package io.l4lb.config.access;

import java.util.Optional;

/**
 * On what terms a VIP's flows are let in and kept.
 *
 * @param accessList by which clients are let in; empty: all are
 * @param newFlowsPerSecond of the whole node, each worker its share; 0: no ceiling
 * @param idleSeconds after which a flow is forgotten; 0: as {@code dataplane.flowTable} says
 * @param mode whether flows are kept at all
 */
public record FlowTerms(Optional<AccessList> accessList, int newFlowsPerSecond, int idleSeconds, Mode mode) {
    public static final int MAX_NEW_FLOWS_PER_SECOND = 1_000_000_000;

    /** One week. */
    public static final int MAX_IDLE_SECONDS = 7 * 24 * 60 * 60;

    public static final FlowTerms DEFAULTS = new FlowTerms(Optional.empty(), 0, 0, Mode.STATEFUL);

    /** Whether flows are kept. */
    public enum Mode {
        STATEFUL("stateful"),
        /** Each packet by the Maglev table alone: for UDP services that answer one packet with one. */
        STATELESS("stateless");

        private final String label;

        Mode(String label) {
            this.label = label;
        }

        /** {@return the word in configuration and output} */
        public String label() {
            return label;
        }
    }

    public boolean isStateless() {
        return mode == Mode.STATELESS;
    }
}
