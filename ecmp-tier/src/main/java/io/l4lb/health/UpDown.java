package io.l4lb.health;

import io.l4lb.config.HealthCheckConfig.Pace;
import io.l4lb.net.BackendState;

/**
 * What to believe after a row of results. The first result decides about new flows at once, so that a node that starts knows all
 * backends after one round; but a first failure is no more than a doubt, for a node that has just started is slow itself. Otherwise
 * it takes {@code rise} successes or {@code fall} failures in a row. Not thread-safe.
 */
final class UpDown {
    /** What is believed. */
    enum Belief {
        UNKNOWN("unknown", BackendState.DOUBTED),
        /** It failed from the first try on, not yet {@code fall} times. */
        DOUBTED("doubted", BackendState.DOUBTED),
        UP("up", BackendState.UP),
        DOWN("down", BackendState.DOWN);

        private final String label;
        private final BackendState state;

        Belief(String label, BackendState state) {
            this.label = label;
            this.state = state;
        }

        /** {@return the word in output} */
        String label() {
            return label;
        }

        /** {@return what the backend may be given} */
        BackendState state() {
            return state;
        }

        static Belief of(boolean up) {
            return up ? UP : DOWN;
        }
    }

    private final int rise;
    private final int fall;
    private Belief belief;
    /** Results in a row that speak against it. */
    private int againstCount;

    UpDown(Pace pace, Belief before) {
        this.rise = pace.rise();
        this.fall = pace.fall();
        this.belief = before;
    }

    /** {@return one that knows what this knows, with another pace} */
    UpDown at(Pace pace) {
        UpDown next = new UpDown(pace, belief);
        next.againstCount = againstCount;
        return next;
    }

    Belief belief() {
        return belief;
    }

    void observe(boolean success) {
        Belief seen = Belief.of(success);
        boolean isTried = belief == Belief.UP || belief == Belief.DOWN;
        if (belief == seen || (success && !isTried)) {
            belief = seen;
            againstCount = 0;
        } else if (++againstCount >= (success ? rise : fall)) {
            belief = seen;
            againstCount = 0;
        } else if (!isTried) {
            belief = Belief.DOUBTED;
        }
    }
}
