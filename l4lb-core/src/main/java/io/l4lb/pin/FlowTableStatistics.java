package io.l4lb.pin;

/** What a worker's two flow tables count; plain longs of the worker's own, published once a burst. */
public final class FlowTableStatistics {
    /** Packets whose flow was in the table. */
    public long hits;
    /** Packets that made a new entry. */
    public long misses;
    /** Live flows, none of them proven, that had to go for a newer one. */
    public long evictions;
    /** Flows freed because they were idle for too long. */
    public long expirations;
    /** Flows that chose a backend anew because theirs is gone. */
    public long repins;
    /** Entries moved to their other bucket to make room. */
    public long moves;
    /** Packets of new flows that found the table full of proven ones and were forwarded without a pin. */
    public long unpinned;
    /** Packets to VIPs that keep no flows. */
    public long stateless;
    /** Flows that another node, or this one before, had pinned: taken over from the replica table. */
    public long takeovers;
    /** Packets under way whose flow another node has since claimed for another backend: it went there. */
    public long moved;
    /** Packets of TCP flows under way of which nobody knew a thing. */
    public long unknown;
    /** ICMP errors that quote flows of which nobody knew a thing. */
    public long quotesUnknown;
}
