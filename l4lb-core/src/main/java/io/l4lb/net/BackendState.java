package io.l4lb.net;

/** What a backend may be given, its weight aside. */
public enum BackendState {
    /** New flows, and those that are pinned to it. */
    UP("up"),
    /**
     * Pinned flows only: nobody has found it able to serve yet, nor unable often enough. A node that starts while its peers forward must
     * not end connections on the word of a single try.
     */
    DOUBTED("doubted"),
    /** Nothing: flows that are pinned to it choose anew. */
    DOWN("down");

    private final String label;

    BackendState(String label) {
        this.label = label;
    }

    /** {@return the word in output} */
    public String label() {
        return label;
    }
}
