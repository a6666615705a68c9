package io.l4lb.bench.shape;

import java.util.Locale;

/** What is done with a packet between receiving and the end. */
public enum Mode {
    /** Freed: the floor of the receiving side. */
    RXFREE,
    /** Sent as it came: the floor of the driver. */
    FWD,
    /** Sent with other MACs, as testpmd's forward mode mac does. */
    MAC,
    /** Balanced; after one pass over the file every flow is in the table. */
    LB,
    /** Balanced without the flow table. */
    MAGLEV,
    /** Balanced, every packet made the SYN of a flow not seen before. */
    NEW,
    /** Balanced, connections of 64 packets from SYN to FIN, each not seen before. */
    SHORT;

    /** {@return the word on command lines and in reports} */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return label();
    }
}
