package io.l4lb.health;

import io.l4lb.config.HealthCheckConfig.Pace;

/**
 * What to believe after a row of results. The first result decides at once, so that a node that starts knows all backends after one
 * round; from then on it takes {@code rise} successes or {@code fall} failures in a row. Not thread-safe.
 */
final class UpDown {
    /** What is believed. */
    enum Belief {
        UNKNOWN("unknown"),
        UP("up"),
        DOWN("down");

        private final String label;

        Belief(String label) {
            this.label = label;
        }

        /** {@return the word in output} */
        String label() {
            return label;
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
        if (belief == Belief.UNKNOWN) {
            belief = seen;
        } else if (belief == seen) {
            againstCount = 0;
        } else if (++againstCount >= (success ? rise : fall)) {
            belief = seen;
            againstCount = 0;
        }
    }
}
