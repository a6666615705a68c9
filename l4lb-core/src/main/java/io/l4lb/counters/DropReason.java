package io.l4lb.counters;

/**
 * Why a packet was dropped. Every dropped packet has exactly one reason, counted per worker; the ordinal is the
 * index of its counter. The label is what operators, reports and golden tests use; it never changes its meaning.
 */
public enum DropReason {
    ETHERNET_TRUNCATED(
            "ethernet-truncated", "The frame ends inside its Ethernet or VLAN header.", "Look for a faulty sender."),
    MULTI_SEGMENT(
            "multi-segment",
            "The frame did not fit one mbuf.",
            "Raise dataplane.mtuBytes to the link's MTU, so that mbufs are made large enough."),
    IPV4_TRUNCATED(
            "ipv4-truncated", "The frame ends inside the IPv4 header or its options.", "Look for a faulty sender."),
    IPV4_VERSION("ipv4-version", "EtherType says IPv4, the version field does not.", "Look for a faulty sender."),
    IPV4_HEADER_LENGTH("ipv4-header-length", "IHL is below 5.", "Look for a faulty sender."),
    IPV4_TOTAL_LENGTH(
            "ipv4-total-length",
            "Total length is below the header's or beyond the frame.",
            "Look for a faulty sender or a capture cut by its snap length."),
    IPV6_TRUNCATED("ipv6-truncated", "The frame ends inside the IPv6 header.", "Look for a faulty sender."),
    IPV6_VERSION("ipv6-version", "EtherType says IPv6, the version field does not.", "Look for a faulty sender."),
    IPV6_PAYLOAD_LENGTH(
            "ipv6-payload-length",
            "Payload length is beyond the frame.",
            "Look for a faulty sender or a capture cut by its snap length."),
    IPV6_EXTENSION_TRUNCATED(
            "ipv6-extension-truncated",
            "The packet ends inside an extension header.",
            "Look for a faulty or hostile sender."),
    IPV6_EXTENSION_LIMIT(
            "ipv6-extension-limit", "More than 8 extension headers.", "Look for a hostile sender; none is legitimate."),
    TCP_TRUNCATED("tcp-truncated", "To a VIP, but ends inside the TCP header.", "Look for a faulty or hostile sender."),
    TCP_DATA_OFFSET(
            "tcp-data-offset",
            "To a VIP, but the TCP data offset is below 5 or beyond the packet.",
            "Look for a faulty or hostile sender."),
    UDP_TRUNCATED("udp-truncated", "To a VIP, but ends inside the UDP header.", "Look for a faulty or hostile sender."),
    UDP_LENGTH(
            "udp-length",
            "To a VIP, but the UDP length is below 8 or beyond the packet.",
            "Look for a faulty or hostile sender."),
    ICMP_TRUNCATED(
            "icmp-truncated", "To a VIP, but ends inside the ICMP header.", "Look for a faulty or hostile sender."),
    FRAGMENT_TINY(
            "fragment-tiny",
            "A first fragment to a VIP without all of its L4 header, or a second one that would write over it.",
            "Look for a hostile sender; no stack cuts that small."),
    FRAGMENT_MALFORMED(
            "fragment-malformed",
            "A fragment to a VIP that is empty, no multiple of 8 bytes, beyond 65,535, or behind the datagram's end.",
            "Look for a hostile or faulty sender."),
    FRAGMENT_DUPLICATE(
            "fragment-duplicate",
            "All of the fragment had come before.",
            "Expected where the network repeats packets; the datagram goes on."),
    FRAGMENT_OVERLAP(
            "fragment-overlap",
            "A part of the fragment had come before: the datagram is refused (RFC 5722).",
            "Look for a hostile sender."),
    FRAGMENT_PIECES(
            "fragment-pieces",
            "The datagram has come in more pieces with gaps between them than are followed.",
            "Look for a hostile sender, or a path with an MTU below 1,280 that mixes packets up."),
    FRAGMENT_REFUSED(
            "fragment-refused",
            "Of a datagram that was refused: its fragments contradict each other, or one is none.",
            "See fragment-tiny, fragment-malformed, fragment-overlap, which are counted for the first."),
    FRAGMENT_PROTOCOL(
            "fragment-protocol",
            "A fragment to a VIP's address of neither TCP nor UDP, such as a large echo request.",
            "Ping with fewer bytes than the path's MTU."),
    FRAGMENT_HOLD_FULL(
            "fragment-hold-full",
            "It came before its datagram's first fragment, and there was no room to hold it, in all or for its source prefix.",
            "Find out who sends fragments out of order; or raise dataplane.fragments.heldPackets, datagrams."),
    FRAGMENT_TIMEOUT(
            "fragment-timeout",
            "It was held, and the first fragment of its datagram did not come in time.",
            "Loss on the way, a flood, or RSS or ECMP that sends fragments of one datagram different ways."),
    ICMP_IGNORED(
            "icmp-ignored",
            "An ICMP redirect or source quench to a VIP: the one holds on its link only, the other is obsolete (RFC 6633).",
            "Switch redirects off at the router; else look for a hostile sender."),
    UNANSWERABLE(
            "unanswerable",
            "An echo request, or UDP to an L4 port of no VIP, that may not be answered: its source is no single host or a VIP, it came"
                    + " to an Ethernet group address, or an IPv6 routing header names a further stop.",
            "Look for a hostile sender; have routers drop sources that cannot be (BCP 38)."),
    ICMP_QUOTE(
            "icmp-quote",
            "An ICMP error to a VIP that quotes no flow of a VIP: cut short, malformed, a later fragment, or another service.",
            "Look for a faulty or hostile sender, or for services on the VIP's address that are no VIPs."),
    ICMP_RATE(
            "icmp-rate",
            "More ICMP errors from one source prefix, to VIPs or about encapsulated packets, than are heeded, or more of its UDP to L4 ports"
                    + " of no VIP than are answered.",
            "Find out what the source's network does; or raise dataplane.limits.icmpPerSecond."),
    ECHO_RATE(
            "echo-rate",
            "More echo requests to VIPs from one source prefix than are answered.",
            "Find out who pings so much; or raise dataplane.limits.icmpPerSecond."),
    ACCESS_DENIED(
            "access-denied",
            "The VIP's access list does not let the client in.",
            "Expected of a list that denies; ./l4lb explain says which prefix it is."),
    NEW_FLOW_RATE(
            "new-flow-rate",
            "More new flows from one source prefix than may begin.",
            "Find out what the source's network does; or raise dataplane.limits.newFlowsPerSecond."),
    VIP_RATE(
            "vip-rate",
            "More new flows to the VIP than its ceiling.",
            "Raise the VIP's newFlowsPerSecond if its backends can take more; else find out who floods it."),
    TUNNEL_ERROR(
            "tunnel-error",
            "An ICMP error from the path to a backend that no client is told of: none is to be, it quotes too little of its packet, or"
                    + " one source prefix has been told enough. An MTU in it is heeded.",
            "Look at the path to the backends; none is expected there but \"too big\", once in ten minutes."),
    TUNNEL_ERROR_INVALID(
            "tunnel-error-invalid",
            "An ICMP error about an encapsulated packet that cannot be true: its checksum is wrong, it is to another address than the"
                    + " packet came from or to an Ethernet group address, or it tells of an MTU that the packet fits.",
            "Look for a forger: let only the networks between nodes and backends send ICMP to dataplane.outerSource."),
    NO_BACKEND(
            "no-backend",
            "The VIP's pool has no backend that takes new flows: all weights are 0, or all are down and the VIP rejects.",
            "Bring a backend up, add one, undrain one, or give one a weight above 0."),
    BACKEND_NOT_CONFIGURED(
            "backend-not-configured",
            "A peer has pinned the flow to a backend that this node's configuration has never had.",
            "Give all nodes the same pools: reload this one. The client sends the packet again."),
    TOO_BIG(
            "too-big",
            "Larger than the path's MTU after encapsulation, and neither answered nor fragmented: an ICMP error, a source that is no"
                    + " single host, or too many.",
            "Raise the MTU between node and backends, or clamp the TCP MSS at the backends."),
    NO_MBUF(
            "no-mbuf",
            "Too big, and no mbufs were free for its outer fragments, or a burst would have become more than 256 of them.",
            "Raise the MTU between node and backends; a sender of many large packets without DF may be an attack."),
    NO_HEADROOM(
            "no-headroom",
            "The mbuf has no room before the frame for the outer header.",
            "A driver with too little headroom; report it."),
    PUNT_UNAVAILABLE(
            "punt-unavailable",
            "Not for a VIP, and there is no kernel side to pass it to.",
            "Expected where the NIC carries VIP traffic only; otherwise find out who sends it."),
    PUNT_RATE(
            "punt-rate",
            "Not for a VIP, and more of its kind than the kernel is to be bothered with.",
            "Find out who floods the node; or raise dataplane.puntPacketsPerSecond, at the cost of VIP traffic."),
    KERNEL_TX_FULL(
            "kernel-tx-full",
            "The kernel's own packet found the transmit queue full.",
            "The link or the device is slower than the traffic: add nodes, or a faster link."),
    TX_FULL(
            "tx-full",
            "The transmit queue stayed full.",
            "The link or the device is slower than the traffic: add nodes, or a faster link."),
    NEXT_HOP_UNRESOLVED(
            "next-hop-unresolved",
            "The backend's next hop has no MAC address yet; the kernel is asked again every second.",
            "Bring the backend or its gateway up, or name its MAC address in dataplane.nextHop."),
    WORKER_ERROR(
            "worker-error",
            "The burst that the packet was in failed in the worker's code.",
            "A defect of l4lb: report the error in the log.");

    private static final DropReason[] VALUES = values();

    private final String label;
    private final String meaning;
    private final String action;

    DropReason(String label, String meaning, String action) {
        this.label = label;
        this.meaning = meaning;
        this.action = action;
    }

    /** {@return the stable name for reports, such as {@code ipv4-version}} */
    public String label() {
        return label;
    }

    /** {@return what happened, one sentence} */
    public String meaning() {
        return meaning;
    }

    /** {@return what an operator does about it} */
    public String action() {
        return action;
    }

    /** {@return the number of reasons} */
    public static int count() {
        return VALUES.length;
    }

    /** {@return the reason with that ordinal} */
    public static DropReason of(int ordinal) {
        return VALUES[ordinal];
    }
}
