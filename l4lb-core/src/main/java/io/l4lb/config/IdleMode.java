package io.l4lb.config;

/** What a worker does when there is nothing to receive. */
public enum IdleMode {
    /** Polls on: lowest latency, a whole core. */
    SPIN("spin"),
    /** Sleeps for longer and longer, up to a bound: for shared machines. */
    BACKOFF("backoff");

    private final String label;

    IdleMode(String label) {
        this.label = label;
    }

    /** {@return the word in configuration and output} */
    public String label() {
        return label;
    }
}
