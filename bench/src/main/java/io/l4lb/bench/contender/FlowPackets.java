package io.l4lb.bench.contender;

/** Which packets of its TCP flows a capture has. */
public enum FlowPackets {
    /** One from the middle of each. */
    MIDDLE(1),
    /** The SYN of each. */
    FIRST(1),
    /** Those of a short connection: SYN, then ACKs, then FIN; first all flows' SYNs, and so on. */
    WHOLE(64);

    private static final int FIN = 0x01;
    private static final int SYN = 0x02;
    private static final int ACK = 0x10;

    private final int each;

    FlowPackets(int each) {
        this.each = each;
    }

    /** {@return packets of each flow} */
    public int each() {
        return each;
    }

    /** {@return the TCP flags of a flow's packet of that number} */
    int flags(int packet) {
        if (this == MIDDLE) {
            return ACK;
        }
        return packet == 0 ? SYN : packet == each - 1 ? FIN | ACK : ACK;
    }
}
