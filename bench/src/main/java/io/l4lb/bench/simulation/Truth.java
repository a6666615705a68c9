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
            Trace trace) {
        this.trace = trace;
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
        flows.forEach(flow -> flow.claims.forEach(claim -> claim.killed(node)));
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
                violated(flow, at, backend);
            }
        } else if (flow.claims.isEmpty()) {
            count(Count.UNWRITTEN);
        } else if (flow.claims.stream().anyMatch(claim -> nodes.get(claim.node).isAlive)) {
            count(Count.LATE);
        } else {
            boolean isElsewhere = nodes.stream().anyMatch(node -> node.isAlive && remembers(node, flow));
            count(isElsewhere ? Count.ORPHANED : Count.LOST);
        }
    }

    private void violated(Flow flow, SimulatedNode at, int backend) {
        count(Count.VIOLATIONS);
        if (violation.isEmpty()) {
            violation = Optional.of(new Violation(
                    seed,
                    clock.ns,
                    flow.id,
                    "flow " + flow.id + " belongs to backend " + flow.backend + ", and went to " + backend + " at "
                            + at.id + ", which had been told"));
        }
    }
}
