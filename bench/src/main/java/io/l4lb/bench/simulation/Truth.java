package io.l4lb.bench.simulation;

import io.l4lb.bench.simulation.Flow.Claim;
import io.l4lb.bench.simulation.Flow.Phase;
import io.l4lb.bench.simulation.Simulation.Scale;
import io.l4lb.flow.FlowEventSink;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.message.BatchReader;
import io.l4lb.message.sbe.Purpose;
import io.l4lb.replica.ReplicaNumbers;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.agrona.DirectBuffer;

/**
 * Knows where each connection belongs, reads in what nodes write who could know it too, and judges packets that went elsewhere. Asks
 * the nodes for nothing but how far they have applied whose journal.
 */
final class Truth implements FlowEventSink {
    /** What is counted of a run. */
    enum Count {
        PACKETS("packets"),
        CONNECTIONS("connections established"),
        BROKEN("connections broken"),
        UNWRITTEN("  whose claim was in no journal yet"),
        LATE("  whose claim was on its way to the node that the packet came to"),
        LOST("  whose claim had died with all nodes that had it"),
        ORPHANED("  whose claim had died with its node, which had told others, not the one that the packet came to"),
        DISPUTED("  whose ports another node had claimed for another connection, neither knowing of the other"),
        VIOLATIONS("  violations"),
        NOT_THERE_YET("connections to a backend that the packet's node does not use"),
        BACKEND_GONE("connections whose backend died or left"),
        KILLS("processes killed"),
        POWER_LOSSES("disks that lost their last records"),
        PARTITIONS("partitions"),
        REHASHES("router re-hashes"),
        BACKEND_CHANGES("changes of backends");

        private final String label;

        Count(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }
    }

    /** A connection that must not have broken. */
    record Violation(long seed, long atNs, int flow, String words) {}

    /**
     * A node's process ended, and with it what it had not told, or not all: what its workers took on since then is the most that
     * may be lost.
     */
    private static final class Death {
        final SimulatedNode node;
        final long bornNs;
        final long atNs;
        /** For each other node; {@link Long#MAX_VALUE}: it was not alive. */
        final long[] unknownSinceNs;

        final long bound;
        long lost;

        Death(SimulatedNode node, long atNs, long[] unknownSinceNs, long bound) {
            this.node = node;
            this.bornNs = node.bornNs;
            this.atNs = atNs;
            this.unknownSinceNs = unknownSinceNs;
            this.bound = bound;
        }
    }

    private static final long NS_PER_SECOND = 1_000_000_000L;

    private final long seed;
    private final List<Flow> flows;
    private final List<SimulatedNode> nodes;
    private final boolean isReplicated;
    private final SimulatedNode.Clock clock;
    private final long idleNs;
    private final long closingNs;
    private final ReplicaNumbers numbers = new ReplicaNumbers();
    private final BatchReader batch = new BatchReader(numbers);
    private final long[] counts = new long[Count.values().length];
    private Optional<Violation> violation = Optional.empty();
    private final Trace trace;
    /** Of the lag that nodes have, what is granted to them; less than 1: too little, to see that it is noticed. */
    private final double lagShare;

    private final List<Death> deaths = new ArrayList<>();

    private int writer;
    private long index;

    Truth(
            long seed,
            List<Flow> flows,
            List<SimulatedNode> nodes,
            int backends,
            Scale scale,
            SimulatedNode.Clock clock,
            int idleSeconds,
            Trace trace,
            double lagShare) {
        this.trace = trace;
        this.lagShare = lagShare;
        this.seed = seed;
        this.flows = flows;
        this.nodes = nodes;
        this.isReplicated = scale.replication();
        this.clock = clock;
        this.idleNs = idleSeconds * NS_PER_SECOND;
        this.closingNs = Math.min(idleSeconds, FlowTimeouts.CLOSING_SECONDS_MAX) * NS_PER_SECOND;
        for (int i = 0; i < backends; i++) {
            numbers.backend(Backends.address(i));
        }
    }

    void count(Count count) {
        counts[count.ordinal()]++;
    }

    long[] counts() {
        return counts;
    }

    Optional<Violation> violation() {
        return violation;
    }

    /** A node has written a batch into its journal. */
    void appended(int node, long atIndex, DirectBuffer buffer, int offset, int length) {
        if (!batch.wrap(buffer, offset, length)) {
            throw new IllegalStateException("a node wrote what is no batch: " + batch.problem());
        }
        nodes.get(node).wrote(batch.incarnation(), atIndex, nodes);
        if (batch.purpose() == Purpose.JOURNAL) {
            writer = node;
            index = atIndex;
            batch.forEach(this);
        }
    }

    private void claimed(int flowId, int backend, int code, long lamport, int author) {
        Flow flow = flows.get(flowId);
        boolean isClosing =
                (code & FlowStateDescriptor.CODES - 1 & ~FlowStateDescriptor.UDP) == FlowStateDescriptor.CLOSING;
        SimulatedNode node = nodes.get(writer);
        Claim claim = new Claim(
                node, nodes.size(), batch.incarnation(), index, clock.ns, lamport, author, backend, isClosing);
        if (flow.isJudged() && flow.backend == backend && (!isClosing || flow.phase == Phase.CLOSING)) {
            flow.claimed(claim, node, clock.ns - 2 * idleNs);
        } else {
            flow.claimedElsewhere(claim, node);
        }
    }

    @Override
    public void ipv4(long key, int vip, int backend, int code, boolean proven, long lamport, int node, int age) {
        claimed(SimulatedNode.flowId(false, key), backend, code, lamport, node);
        trace(SimulatedNode.flowId(false, key), backend, code, proven, lamport, node);
    }

    @Override
    public void ipv6(
            long high,
            long low,
            int ports,
            int vip,
            int backend,
            int code,
            boolean proven,
            long lamport,
            int node,
            int age) {
        claimed(SimulatedNode.flowId(true, low), backend, code, lamport, node);
        trace(SimulatedNode.flowId(true, low), backend, code, proven, lamport, node);
    }

    private void trace(int flow, int backend, int code, boolean proven, long lamport, int node) {
        if (trace.isOf(flow)) {
            trace.add(
                    "%s journals: %s",
                    SimulatedNode.id(writer), Trace.Held.words(numbers, backend, code, proven, lamport, node));
        }
    }

    /** A node's process ends. */
    void killed(SimulatedNode node) {
        deaths.add(death(node));
        flows.forEach(flow -> flow.claims.forEach(claim -> claim.killed(node)));
    }

    private Death death(SimulatedNode node) {
        long[] sinceNs = new long[nodes.size()];
        long firstNs = node.journaledNs;
        for (SimulatedNode other : nodes) {
            boolean isTold = other != node && other.isAlive;
            sinceNs[other.index] = isTold ? shortened(node.unknownSinceNs(other)) : Long.MAX_VALUE;
            firstNs = Math.min(firstNs, sinceNs[other.index]);
        }
        long sinceFirstNs = firstNs;
        long bound = flows.stream()
                .filter(flow -> flow.isJudged() && flow.isTakenBy(node, sinceFirstNs))
                .count();
        return new Death(node, clock.ns, sinceNs, bound);
    }

    private long shortened(long sinceNs) {
        return clock.ns - (long) ((clock.ns - sinceNs) * lagShare);
    }

    /** A node's disk has lost what its journal had from that index on. */
    void lostPower(SimulatedNode node, long firstLost) {
        flows.forEach(flow -> flow.claims.forEach(claim -> claim.lostPower(node, firstLost, nodes)));
    }

    /** A node starts again. */
    void started(SimulatedNode node) {
        flows.forEach(flow -> flow.claims.forEach(claim -> claim.started(node, nodes)));
    }

    /** A node is announced. */
    void announced(SimulatedNode node) {
        BitSet with = new BitSet();
        for (SimulatedNode peer : nodes) {
            with.set(peer.index, node.caughtUp.get(peer.index) && peer.bornNs < node.bornNs);
        }
        flows.forEach(flow -> flow.claims.forEach(claim -> claim.caughtUp(node, with)));
    }

    /** {@return whether the node has been told of the connection, and cannot have forgotten it yet} */
    private boolean remembers(SimulatedNode node, Flow flow) {
        long toldNs = Long.MIN_VALUE;
        boolean isClosing = false;
        for (Claim claim : flow.claims) {
            if (claim.isAt(node)) {
                toldNs = Math.max(toldNs, claim.writtenNs);
                isClosing |= claim.isClosing;
            }
        }
        return toldNs != Long.MIN_VALUE && clock.ns - toldNs <= (isClosing ? closingNs : idleNs);
    }

    /** {@return whether that packet of an established connection came where it belongs; if not, the connection is over} */
    boolean judge(Flow flow, SimulatedNode at, int backend) {
        if (backend == flow.backend) {
            return true;
        }
        if (!at.view().isUsable(flow.backend)) {
            count(Count.NOT_THERE_YET);
            return false;
        }
        count(Count.BROKEN);
        if (isReplicated) {
            excuse(flow, at, backend);
        }
        return false;
    }

    private void excuse(Flow flow, SimulatedNode at, int backend) {
        if (remembers(at, flow)) {
            if (flow.isLostTo(Trace.Held.of(flow.id, at).backend())) {
                count(Count.DISPUTED);
            } else {
                violated(
                        flow,
                        "flow " + flow.id + " belongs to backend " + flow.backend + ", and went to " + backend + " at "
                                + at.id + ", which had been told");
            }
        } else if (flow.claims.isEmpty()) {
            count(Count.UNWRITTEN);
            death(flow.at, flow.lastNs, at).ifPresent(death -> checkLag(flow, death, flow.takenNs, at));
        } else if (flow.claims.stream().anyMatch(claim -> nodes.get(claim.node).isAlive)) {
            count(Count.LATE);
        } else {
            boolean isElsewhere = nodes.stream().anyMatch(node -> node.isAlive && remembers(node, flow));
            count(isElsewhere ? Count.ORPHANED : Count.LOST);
            Claim last = flow.claims.getLast();
            death(nodes.get(last.node), last.writtenNs, at)
                    .ifPresent(death -> checkLag(flow, death, last.writtenNs, at));
        }
    }

    /**
     * {@return the end of the process that the node was then, which another one lived to see} One that was started later has no lag to
     * it: what it has to know when it is announced, claims say.
     */
    private Optional<Death> death(SimulatedNode node, long thenNs, SimulatedNode witness) {
        return deaths.stream()
                .filter(death -> death.node == node && death.bornNs <= thenNs && thenNs <= death.atNs)
                .filter(death -> death.unknownSinceNs[witness.index] != Long.MAX_VALUE && witness.bornNs <= death.atNs)
                .findFirst();
    }

    /**
     * What is lost with a node must be of its lag at that moment, to the node where it is missed, and no more than it had taken on
     * in its longest.
     */
    private void checkLag(Flow flow, Death death, long takenNs, SimulatedNode at) {
        death.lost++;
        long sinceNs = death.unknownSinceNs[at.index];
        if (takenNs < sinceNs) {
            violated(
                    flow,
                    String.format(
                            "flow %d was lost with %s at %.3f s: taken on %.3f s before, and %s was behind by %.3f s",
                            flow.id,
                            death.node.id,
                            death.atNs / 1e9,
                            (death.atNs - takenNs) / 1e9,
                            at.id,
                            (death.atNs - sinceNs) / 1e9));
        } else if (death.lost > death.bound) {
            violated(
                    flow,
                    String.format(
                            "flow %d was lost with %s at %.3f s, and %d before it, of %d taken on in the node's lag",
                            flow.id, death.node.id, death.atNs / 1e9, death.lost - 1, death.bound));
        }
    }

    private void violated(Flow flow, String words) {
        count(Count.VIOLATIONS);
        if (violation.isEmpty()) {
            violation = Optional.of(new Violation(seed, clock.ns, flow.id, words));
        }
    }
}
