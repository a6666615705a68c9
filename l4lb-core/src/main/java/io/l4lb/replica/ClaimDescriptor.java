package io.l4lb.replica;

/**
 * A claim: who pinned a flow, when, and how sure it was; 8 bytes, machine byte order. With the flow's backend it is what nodes
 * agree on. {@code docs/design/15-replication.md} has the rule. Static.
 *
 * <pre>
 * bit 63      proven: the flow's beginning was seen, or it was pinned anew
 *     62..16  Lamport time of the batch that first told of it, 47 bits, at least 1 (Lamport 1978)
 *     15..0   number of the node that made it, {@link ReplicaNumbers}
 * </pre>
 */
public final class ClaimDescriptor {
    /** Times end here: at 10,000 batches a second in 446 years. */
    public static final long LAMPORT_MAX = (1L << 47) - 1;

    private static final int PROVEN_SHIFT = 63;
    private static final int LAMPORT_SHIFT = 16;
    private static final int NODE_MASK = (1 << LAMPORT_SHIFT) - 1;

    private ClaimDescriptor() {}

    public static long of(boolean proven, long lamport, int node) {
        return (proven ? 1L << PROVEN_SHIFT : 0) | (lamport << LAMPORT_SHIFT) | node;
    }

    public static boolean isProven(long claim) {
        return claim < 0;
    }

    public static long lamport(long claim) {
        return (claim >>> LAMPORT_SHIFT) & LAMPORT_MAX;
    }

    public static int node(long claim) {
        return (int) claim & NODE_MASK;
    }

    /**
     * {@return whether the first of two different claims for a flow holds} Proven before guessed, then the later one, then the
     * greater node id: the same on every node, whatever numbers it gives to nodes.
     */
    static boolean beats(long claim, long other, ReplicaNumbers numbers) {
        long order = claim >>> LAMPORT_SHIFT;
        long otherOrder = other >>> LAMPORT_SHIFT;
        if (order != otherOrder) {
            return order > otherOrder;
        }
        return numbers.nodeId(node(claim)).compareTo(numbers.nodeId(node(other))) > 0;
    }
}
