package io.l4lb.burst;

import io.l4lb.counters.DropReason;

/**
 * What is to become of a packet; an int in the burst's verdict column.
 *
 * <p>{@link #IPV4} and {@link #IPV6} travel on through the stages and mean, after classify, "to a VIP". All others
 * are final, and later stages pass over them; but a diverted one is between classify and pin: {@link Burst#diverted} says whether there
 * are any. {@code DROP + reason.ordinal()} drops with that reason.
 */
public final class Verdict {
    /** An IPv4 packet on its way through the stages. */
    public static final int IPV4 = 0;
    /** An IPv6 packet on its way through the stages. */
    public static final int IPV6 = 1;
    /** To a VIP and ready to be sent as it lies in its mbuf. */
    public static final int SEND = 2;
    /** The node's own answer to an echo request, ready to be sent. */
    public static final int REPLY = 3;
    /** Not for a VIP: to the kernel's side of the NIC. */
    public static final int PUNT = 4;
    /** To a VIP's address, an echo request: diverted. */
    public static final int ECHO_REQUEST = 5;
    /** To a VIP's address, an ICMP or ICMPv6 error: diverted. */
    public static final int ICMP_ERROR = 6;
    /** To a VIP, and larger than its path carries with its outer header: between encapsulate and transmit. */
    public static final int TOO_BIG = 7;
    /** To a VIP, too big, and to be sent in outer fragments: between encapsulate and outer. */
    public static final int FRAGMENT = 8;
    /** In the list of what is sent with outer fragments, which keeps the order of arrival. */
    public static final int LISTED = 9;
    /** To a VIP's address, a fragment: diverted. */
    public static final int CLIENT_FRAGMENT = 10;
    /** Its mbuf is not the burst's any more: held until the first fragment of its datagram comes. */
    public static final int HELD = 11;
    /** To none of the VIPs' addresses, an ICMP or ICMPv6 error, perhaps about an encapsulated packet: diverted. */
    public static final int TUNNEL_ERROR = 12;
    /** To a VIP that routes QUIC by connection ID: diverted. */
    public static final int QUIC = 13;
    /** To a VIP's address, UDP to an L4 port of no VIP: diverted. */
    public static final int UDP_UNSERVED = 14;
    /** Inside pin: {@link #IPV4} with a destination that no flow table has to say. */
    public static final int CHOSEN_IPV4 = 22;
    /** Inside pin: likewise {@link #IPV6}. */
    public static final int CHOSEN_IPV6 = 23;
    /** First of the drop verdicts. */
    public static final int DROP = 24;

    private Verdict() {}

    /** Cold; hot code holds the results in constants. {@return the verdict that drops for that reason} */
    public static int drop(DropReason reason) {
        return DROP + reason.ordinal();
    }

    /** {@return whether it drops} */
    public static boolean isDrop(int verdict) {
        return verdict >= DROP;
    }
}
