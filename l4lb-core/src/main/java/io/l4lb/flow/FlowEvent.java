package io.l4lb.flow;

import io.l4lb.packet.L4Descriptor;

/** What a packet says of its flow's life; an int, up to {@link #CLOSE} the column of a transition table. */
public final class FlowEvent {
    /** A packet of a flow under way, or of a protocol without connections. */
    public static final int DATA = 0;
    /** The client opens: SYN without ACK. */
    public static final int OPEN = 1;
    /** The client closes: FIN or RST. */
    public static final int CLOSE = 2;
    /** About the flow, not of it: an ICMP error that quotes it. It goes where the flow goes and leaves no trace. */
    public static final int QUOTED = 3;

    /** A later fragment: it says nothing of the flow, but belongs to it. */
    public static final int PART = 4;
    /**
     * Of a flow, but its QUIC connection ID says where it goes. Not among the events of the transition table: pin makes it
     * {@link #DATA} where the flow goes there too.
     */
    public static final int ROUTED = 5;

    private static final int SYN_ACK = L4Descriptor.TCP_SYN | L4Descriptor.TCP_ACK;
    private static final int FIN_RST = L4Descriptor.TCP_FIN | L4Descriptor.TCP_RST;

    private FlowEvent() {}

    /** {@return whether a packet with that event goes where the flow goes and changes nothing of it} */
    public static boolean leavesNoTrace(int event) {
        return event == QUOTED || event == PART;
    }

    /** {@return the event that a TCP segment with those flags is} */
    public static int ofTcpFlags(int flags) {
        if ((flags & FIN_RST) != 0) {
            return CLOSE;
        }
        return (flags & SYN_ACK) == L4Descriptor.TCP_SYN ? OPEN : DATA;
    }
}
