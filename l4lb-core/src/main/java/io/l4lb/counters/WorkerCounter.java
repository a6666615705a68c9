package io.l4lb.counters;

/** The counters of a worker besides its drops; the ordinal is the index in its block. Labels are what reports use. */
public enum WorkerCounter {
    RX_PACKETS("rxPackets"),
    RX_BYTES("rxBytes"),
    TX_PACKETS("txPackets"),
    TX_BYTES("txBytes"),
    PUNTED_PACKETS("puntedPackets"),
    /** Packets of the kernel that left by the NIC; not among the transmitted ones. */
    KERNEL_PACKETS("kernelPackets"),
    ECHO_REPLIES("echoReplies"),
    /** Answers to clients whose packets were too big with their outer header: ICMP with the MTU that is left. */
    TOO_BIG_REPLIES("tooBigReplies"),
    /** ICMP errors about encapsulated packets that were heeded: sound, and within the limit. Told, or dropped as tunnel-error. */
    TUNNEL_ERRORS("tunnelErrors"),
    /** Of these, translated to the client whose packet was inside. */
    TUNNEL_ERRORS_TOLD("tunnelErrorsTold"),
    /** Answers to UDP packets to a VIP's address whose L4 port no VIP has, where no kernel's side could take them. */
    PORT_UNREACHABLE_REPLIES("portUnreachableReplies"),
    /** Second and later outer fragments: frames made in addition to the packets that came. */
    OUTER_FRAGMENTS("outerFragments"),
    /** ICMP errors that quote a flow of a VIP, within the limit: to its backend, if none of the VIP's own reasons drops them. */
    ICMP_ERRORS("icmpErrors"),
    /** Fragments that were passed on to the backend of their flow, those that had been held too. */
    FRAGMENTS("fragments"),
    /** Fragments that came before the first of their datagram and were held. */
    FRAGMENTS_HELD("fragmentsHeld"),
    /** Of those: whose first fragment came in time. The others are counted as drops. */
    FRAGMENTS_RELEASED("fragmentsReleased"),
    /** Fragments held now. */
    FRAGMENTS_WAITING("fragmentsWaiting"),
    /** Packets to QUIC VIPs that went to the backend which made their connection ID. */
    QUIC_ROUTED("quicRouted"),
    /**
     * Packets with a long header whose connection ID no backend made: the first ones of connections, whose clients choose it; they
     * and all that follow went where their flow goes.
     */
    QUIC_LONG_UNROUTABLE("quicLongUnroutable"),
    /** Packets with a short header that end before the server ID does. */
    QUIC_TOO_SHORT("quicTooShort"),
    /** Packets with a short header whose connection ID is of none of the VIP's configurations. */
    QUIC_UNKNOWN_CONFIGURATIONS("quicUnknownConfigurations"),
    /** Packets with a short header whose server ID no backend of the VIP has. */
    QUIC_UNKNOWN_SERVERS("quicUnknownServers"),
    /** Packets with a short header whose backend is down. */
    QUIC_UNUSABLE_SERVERS("quicUnusableServers"),
    /** Packets whose flow was pinned already. */
    FLOW_HITS("flowHits"),
    /** Packets that began a flow. */
    FLOW_MISSES("flowMisses"),
    /** Live flows, none of them proven, that gave way to a newer one because the table was full. */
    FLOW_EVICTIONS("flowEvictions"),
    /** Flows forgotten after their idle time. */
    FLOW_EXPIRATIONS("flowExpirations"),
    /** Flows that got another backend because theirs left the configuration. */
    FLOW_REPINS("flowRepins"),
    /** Packets of new flows forwarded without a pin because the table was full of proven ones. */
    FLOW_UNPINNED("flowUnpinned"),
    /** Packets to VIPs that keep no flows. */
    FLOW_STATELESS("flowStateless"),
    /** Flows taken over from the replica table: of another node, of another worker, of before a restart. */
    FLOW_TAKEOVERS("flowTakeovers"),
    /** Flows moved to the backend that another node has claimed them for. */
    FLOW_MOVES("flowMoves"),
    /** Packets of TCP flows under way for which no state was found. */
    FLOW_UNKNOWN("flowUnknown"),
    /** ICMP errors that went to the backend which a new flow would get, as nobody knew the flow that they quote. */
    FLOW_QUOTES_UNKNOWN("flowQuotesUnknown"),
    /** Changes of flows that peers were not told of in time, since the ring was full. */
    FLOW_UNTOLD("flowUntold"),
    /** Flows in the tables now. */
    FLOWS("flows"),
    /** Errors that the worker's loop caught. */
    ERRORS("errors");

    private final String label;

    WorkerCounter(String label) {
        this.label = label;
    }

    /** {@return the stable name for reports} */
    public String label() {
        return label;
    }
}
