package io.l4lb.node.control;

import io.l4lb.net.IpAddress;
import java.util.OptionalInt;

/**
 * What is known of a backend now.
 *
 * @param configuredWeight as the configuration says
 * @param operatorWeight in its place, if set
 * @param up whether it can serve; without a health check always
 * @param reason why it is up or down, as the health check said last; empty: nothing was said
 * @param slowStartStep 1 .. {@link #SLOW_START_STEPS}: so many tenths of its weight
 */
public record BackendStatus(
        BackendKey key,
        IpAddress address,
        int configuredWeight,
        OptionalInt operatorWeight,
        boolean drained,
        boolean up,
        String reason,
        int slowStartStep) {
    public static final int SLOW_START_STEPS = SlowStart.STEPS;

    /** {@return the weight it has while it is up, the slow start aside} */
    public int weight() {
        return drained ? 0 : operatorWeight.orElse(configuredWeight);
    }

    /** {@return one word for it: down, drained, starting, weight-0 or up} */
    public String state() {
        if (!up) {
            return "down";
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
