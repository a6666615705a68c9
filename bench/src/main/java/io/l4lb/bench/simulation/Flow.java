package io.l4lb.bench.simulation;

import java.util.Arrays;

/** A client's 5-tuple, the connection that it has now, and where the claims to that connection are. */
final class Flow {
    static final int TCP4 = 0;
    static final int UDP4 = 1;
    static final int TCP6 = 2;

    private static final int CLAIMS = 3;
    private static final int OTHERS = 8;

    /** Where a connection is. */
    enum Phase {
        NONE,
        OPENING,
        ESTABLISHED,
        CLOSING
    }

    /** A claim to this 5-tuple, as found in the journal of the node that wrote it; {@code author}: the node that made it. */
    record Claim(int node, long incarnation, long index, long writtenNs, long lamport, int author) {
        boolean isSameAs(Claim other) {
            return lamport == other.lamport && author == other.author;
        }
    }

    final int id;
    final int vip;
    Phase phase = Phase.NONE;
    /** The one that answered first. */
    int backend;
    /** When a packet of it reached a node. */
    long lastNs;

    int packetsLeft;
    /** The first claims, and the last. */
    final Claim[] claims = new Claim[CLAIMS];
    /** What was said of them last: without refreshes nodes forget a claim. */
    final Claim[] recent = new Claim[CLAIMS];
    /** Nodes that know the claim from a journal that has lost it since; a bit each. */
    long holdersLow;

    long holdersHigh;

    /** The last claims for the same ports that are not of this connection. */
    final Claim[] others = new Claim[OTHERS];

    private int othersCount;
    /** Of this connection and another of the same ports claims were written by nodes that did not know the other's. */
    boolean isDisputed;

    Flow(int id, int vip) {
        this.id = id;
        this.vip = vip;
    }

    boolean isUdp() {
        return vip == UDP4;
    }

    boolean isIpv6() {
        return vip == TCP6;
    }

    boolean isJudged() {
        return phase == Phase.ESTABLISHED || phase == Phase.CLOSING;
    }

    void begin(int firstBackend) {
        backend = firstBackend;
        phase = Phase.OPENING;
        for (Claim claim : claims) {
            if (claim != null) {
                claimedElsewhere(claim);
            }
        }
        Arrays.fill(claims, null);
        Arrays.fill(recent, null);
        isDisputed = false;
        holdersLow = 0;
        holdersHigh = 0;
    }

    void claimed(Claim claim) {
        int latest = 0;
        while (latest < CLAIMS - 1 && recent[latest] != null && recent[latest].node() != claim.node()) {
            latest++;
        }
        recent[latest] = claim;
        int slot = 0;
        while (slot < CLAIMS - 1 && claims[slot] != null && claims[slot].node() != claim.node()) {
            slot++;
        }
        if (claims[slot] == null || slot == CLAIMS - 1) {
            claims[slot] = claim; // of one node the first claim holds as long as the later ones
        }
    }

    void claimedElsewhere(Claim claim) {
        for (Claim other : others) {
            if (other != null && other.isSameAs(claim)) {
                return;
            }
        }
        others[othersCount++ % OTHERS] = claim;
    }

    boolean isHeldBy(int node) {
        return ((node < Long.SIZE ? holdersLow : holdersHigh) >>> node & 1) != 0;
    }

    void heldBy(int node, boolean holds) {
        long bit = 1L << node;
        if (node < Long.SIZE) {
            holdersLow = holds ? holdersLow | bit : holdersLow & ~bit;
        } else {
            holdersHigh = holds ? holdersHigh | bit : holdersHigh & ~bit;
        }
    }
}
