package io.l4lb.net;

/** Which fields of its first packet choose a flow's backend. */
public enum Affinity {
    /** The 5-tuple: each connection for itself. */
    FLOW("flow"),
    /** The client's address: all its connections to a VIP go to one backend. */
    SOURCE("source");

    private final String label;

    Affinity(String label) {
        this.label = label;
    }

    /** {@return the word in configuration and output} */
    public String label() {
        return label;
    }
}
