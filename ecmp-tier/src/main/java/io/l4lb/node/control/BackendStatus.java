package io.l4lb.node.control;

import io.l4lb.net.BackendState;
import io.l4lb.net.IpAddress;
import java.util.OptionalInt;

/**
 * What is known of a backend now.
 *
 * @param configuredWeight as the configuration says
 * @param operatorWeight in its place, if set
 * @param health what it can serve, as its health check says; without one always up
 * @param reason why it is up, doubted or down, as the health check said last; empty: nothing was said
 * @param slowStartStep 1 .. {@link #SLOW_START_STEPS}: so many tenths of its weight
 */
public record BackendStatus(
        BackendKey key,
        IpAddress address,
        int configuredWeight,
        OptionalInt operatorWeight,
        boolean drained,
        BackendState health,
        String reason,
        int slowStartStep) {
    public static final int SLOW_START_STEPS = SlowStart.STEPS;

    /** {@return the weight it has while it is up, the slow start aside} */
    public int weight() {
        return drained ? 0 : operatorWeight.orElse(configuredWeight);
    }

    /** {@return whether it can serve new flows} */
    public boolean up() {
        return health == BackendState.UP;
    }

    /** {@return one word for it: down, doubted, drained, starting, weight-0 or up} */
    public String state() {
        if (!up()) {
            return health.label();
        }
        if (drained) {
            return "drained";
        }
        if (weight() == 0) {
            return "weight-0";
        }
        return slowStartStep < SLOW_START_STEPS ? "starting" : "up";
    }
}
