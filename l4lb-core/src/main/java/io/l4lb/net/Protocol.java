package io.l4lb.net;

/** The layer-4 protocols that a VIP can have. */
public enum Protocol {
    TCP(6, "tcp"),
    UDP(17, "udp");

    private final int number;
    private final String label;

    Protocol(int number, String label) {
        this.number = number;
        this.label = label;
    }

    /** {@return the number in the IP header (IANA)} */
    public int number() {
        return number;
    }

    /** {@return the word in configuration and output} */
    public String label() {
        return label;
    }
}
