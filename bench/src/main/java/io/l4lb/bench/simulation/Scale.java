package io.l4lb.bench.simulation;

/**
 * How large a simulated cluster is, and how long it is watched.
 *
 * @param nodes 0: 3 to 8, by seed
 * @param backends at the beginning
 * @param flows 5-tuples that clients use, again and again
 * @param steps of the clock
 * @param replication whether nodes tell each other of flows; without it the same events must break connections
 */
record Scale(int nodes, int backends, int flows, int steps, boolean replication) {
    static final int NODES_MAX = 100;
    static final int BACKENDS_MAX = 10_000;
    static final int FLOWS_MAX = 1_000_000;
    static final int STEPS_MAX = 1_000_000;

    Scale {
        check("--nodes", nodes, 2, NODES_MAX, nodes == 0);
        check("--backends", backends, 2, BACKENDS_MAX, false);
        check("--flows", flows, 1, FLOWS_MAX, false);
        check("--steps", steps, 1, STEPS_MAX, false);
    }

    private static void check(String option, int value, int min, int max, boolean allowed) {
        if (!allowed && (value < min || value > max)) {
            throw new IllegalArgumentException(option + " " + value + ": expected " + min + " to " + max);
        }
    }

    /** {@return the options that say the same} */
    String words() {
        return (nodes == 0 ? "" : "--nodes " + nodes + " ") + "--backends " + backends + " --flows " + flows
                + " --steps " + steps + " --replication " + (replication ? "on" : "off");
    }
}
