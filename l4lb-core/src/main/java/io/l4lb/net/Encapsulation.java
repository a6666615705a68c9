package io.l4lb.net;

/** How a packet travels from the node to its backend. */
public enum Encapsulation {
    /** An outer IP header around the packet; any mix of IPv4 and IPv6 (RFC 2003, RFC 2473, RFC 4213). */
    IPIP("ipip"),
    /** Generic UDP encapsulation, variant 0. */
    GUE("gue"),
    /** RFC 2784 without options. */
    GRE("gre"),
    /** No header is added: the destination MAC becomes the backend's, which is on the same segment. */
    L2("l2");

    private final String label;

    Encapsulation(String label) {
        this.label = label;
    }

    /** {@return the word in configuration and output} */
    public String label() {
        return label;
    }

    /** {@return whether an outer IP header is added, which then needs a source address of the backend's family} */
    public boolean hasOuterHeader() {
        return this != L2;
    }
}
