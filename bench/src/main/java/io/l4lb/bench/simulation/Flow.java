package io.l4lb.bench.simulation;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** A client's 5-tuple, the connection that it has now, and where the claims to that connection are. */
final class Flow {
    static final int TCP4 = 0;
    static final int UDP4 = 1;
    static final int TCP6 = 2;

    /** Nobody has been told of it yet: whenever its node dies, that is lost. */
    static final long NOT_TAKEN = Long.MAX_VALUE;

    private static final int OTHERS = 8;

    /** Where a connection is. */
    enum Phase {
        NONE,
        OPENING,
        ESTABLISHED,
        CLOSING
    }

    final int id;
    final int vip;
    Phase phase = Phase.NONE;
    /** The one that answered first. */
    int backend;
    /** When a packet of it reached a node. */
    long lastNs;

    int packetsLeft;
    /** The node that had its last packet. */
    SimulatedNode at;
    /** When a worker of that node had the second packet of it, and told of it if nobody had. */
    long takenNs;

    private long place;
    private int packetsThere;
    /** All that nodes wrote of this connection. */
    final List<Claim> claims = new ArrayList<>();
    /** The last claims for the same ports that are not of this connection. */
    private final Claim[] others = new Claim[OTHERS];

    private int othersCount;
    /** Backends of claims that were made by nodes that did not know this connection's, or whose claim its own did not know. */
    private final BitSet rivals = new BitSet();

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

    /** A client opens, and that backend answers. What nodes say of the ports holds for the new connection too if it is the same one. */
    void begin(int firstBackend) {
        if (backend != firstBackend || !rivals.isEmpty()) {
            forget();
        }
        rivals.clear();
        backend = firstBackend;
        packetsThere = 0;
        phase = Phase.OPENING;
    }

    /** A packet of it has come to a worker; {@code newPlace} is another one for each worker of each process. */
    void seen(SimulatedNode node, long newPlace, long nowNs) {
        packetsThere = newPlace == place && node.equals(at) ? packetsThere + 1 : 1;
        at = node;
        place = newPlace;
        if (packetsThere <= 2) {
            takenNs = packetsThere == 1 ? NOT_TAKEN : nowNs;
        }
    }

    /** {@return whether a worker of the node has told of it since, or is to} */
    boolean isTakenBy(SimulatedNode node, long sinceNs) {
        return (node.equals(at) && takenNs >= sinceNs)
                || claims.stream().anyMatch(claim -> claim.node == node.index && claim.writtenNs >= sinceNs);
    }

    private void forget() {
        claims.forEach(this::isOther);
        claims.clear();
    }

    /** A node wrote of this connection; {@code sinceNs}: what was written before is forgotten everywhere. */
    void claimed(Claim claim, SimulatedNode writer, long sinceNs) {
        boolean isNew = claims.stream().noneMatch(claim::isSameAs);
        claims.add(claim);
        if (isNew) {
            for (Claim other : others) {
                if (other != null && other.writtenNs >= sinceNs && !other.isAt(writer)) {
                    rivals.set(other.backend);
                }
            }
        }
    }

    /** A node wrote of another connection with the same ports. */
    void claimedElsewhere(Claim other, SimulatedNode writer) {
        boolean isNew = isOther(other);
        if (!isJudged() && other.backend != backend) {
            forget(); // what was said of the last connection does not hold any more
        } else if (isJudged() && isNew && claims.stream().anyMatch(claim -> !claim.isAt(writer))) {
            rivals.set(other.backend);
        }
    }

    /** {@return whether that is new} */
    private boolean isOther(Claim claim) {
        for (int i = 0; i < OTHERS; i++) {
            if (others[i] != null && others[i].isSameAs(claim)) {
                others[i] = claim; // refreshed: whoever has not heard of that has forgotten it, perhaps
                return false;
            }
        }
        others[othersCount++ % OTHERS] = claim;
        return true;
    }

    /** {@return whether a node that holds that, or {@link Trace.Held#NOTHING}, holds it because another connection's claim won} */
    boolean isLostTo(int held) {
        return held == Trace.Held.NOTHING ? !rivals.isEmpty() : rivals.get(held);
    }

    /** What a node wrote of a connection into its journal, and which nodes have it from there or by other ways. */
    static final class Claim {
        final int node;
        final long incarnation;
        final long index;
        final long writtenNs;
        final long lamport;
        /** The one that made the claim; {@link #node} has written of it. */
        final int author;

        final int backend;
        final boolean isClosing;
        /** Nodes that have it whatever journals they have read since: from a snapshot, or from their own disk. */
        private final BitSet holders = new BitSet();
        /** Nodes that had it when the one of that number was started. */
        private final BitSet[] tellers;
        /** The journal that it was in has lost it with the power. */
        private boolean isLost;

        Claim(
                SimulatedNode writer,
                int nodes,
                long incarnation,
                long index,
                long writtenNs,
                long lamport,
                int author,
                int backend,
                boolean isClosing) {
            this.node = writer.index;
            this.tellers = new BitSet[nodes];
            this.incarnation = incarnation;
            this.index = index;
            this.writtenNs = writtenNs;
            this.lamport = lamport;
            this.author = author;
            this.backend = backend;
            this.isClosing = isClosing;
        }

        boolean isSameAs(Claim other) {
            return lamport == other.lamport && author == other.author;
        }

        /** {@return whether the node, which is alive, has taken it in} */
        boolean isAt(SimulatedNode at) {
            if (holders.get(at.index)) {
                return true;
            }
            return !isLost && (at.index == node || at.hasApplied(node, incarnation, index));
        }

        /** The node's process ends. What it had taken in is on its disk, if that has not lost it. */
        void killed(SimulatedNode at) {
            holders.set(at.index, isAt(at));
        }

        /** The node's disk has lost what its own journal had from that index on, and some of what others had said. */
        void lostPower(SimulatedNode at, long firstLost, Iterable<SimulatedNode> all) {
            if (at.index == node && index >= firstLost && !isLost) {
                for (SimulatedNode other : all) {
                    holders.set(other.index, holders.get(other.index) || (other.isAlive && isAt(other)));
                }
                isLost = true;
            }
            holders.clear(at.index);
        }

        /** The node starts again, and asks all others for what they have. */
        void started(SimulatedNode at, Iterable<SimulatedNode> all) {
            BitSet told = new BitSet();
            for (SimulatedNode other : all) {
                told.set(other.index, other != at && other.isAlive && isAt(other));
            }
            tellers[at.index] = told;
        }

        /** The node has taken in all that those had, none of which was started after it. */
        void caughtUp(SimulatedNode at, BitSet with) {
            BitSet told = tellers[at.index];
            if (told != null && told.intersects(with)) {
                holders.set(at.index);
            }
        }
    }
}
