package io.l4lb.net;

/** Which flows of a VIP a node tells its peers of. */
public enum Track {
    /** Every one, from its first packet: a flood of SYNs is replicated too. */
    ALL("all"),
    /** Those with a complete handshake or a second packet. */
    ESTABLISHED("established"),
    /** None: for what is one question and one answer. */
    NONE("none");

    private final String label;

    Track(String label) {
        this.label = label;
    }

    /** {@return the word in configuration and output} */
    public String label() {
        return label;
    }
}
