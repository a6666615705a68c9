package io.l4lb.track;

/** What a worker tells the journal of a flow; an int in a ring's slot. */
public final class FlowChange {
    /** The second packet of a flow whose SYN was seen, or the first one of a VIP with {@code track: all}. */
    public static final int PIN = 1;
    /** The second packet of a flow that was found under way, or of UDP. */
    public static final int PIN_GUESSED = 2;
    /** The flow's backend is down or gone, it has another one now. */
    public static final int REPIN = 3;
    /** The flow goes on; said once an interval. */
    public static final int REFRESH = 4;
    /** The client closes. */
    public static final int CLOSE = 5;
    /** The packet after a SYN that came upon an established flow: a new connection on its ports, perhaps. */
    public static final int PIN_ANEW = 6;

    private FlowChange() {}
}
