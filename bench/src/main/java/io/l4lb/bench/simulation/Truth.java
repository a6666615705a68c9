package io.l4lb.bench.simulation;

import io.l4lb.bench.simulation.Flow.Claim;
import io.l4lb.bench.simulation.Flow.Phase;
import io.l4lb.flow.FlowEventSink;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.message.BatchReader;
import io.l4lb.message.sbe.Purpose;
import io.l4lb.peer.Position;
import io.l4lb.replica.ReplicaNumbers;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
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
        IN_LAG("  no other node had applied the claim"),
        ELSEWHERE("  another node had, not yet the one that the packet came to"),
        DISPUTED("  nodes that did not hear each other had claimed the same ports for two connections"),
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

    private final long seed;
    private final List<Flow> flows;
    private final List<SimulatedNode> nodes;
    private final boolean isReplicated;
    private final SimulatedNode.Clock clock;
    private final long idleNs;
    private final ReplicaNumbers numbers = new ReplicaNumbers();
    private final BatchReader batch = new BatchReader(numbers);
    private final long[] counts = new long[Count.values().length];
    private Optional<Violation> violation = Optional.empty();
    private int tracedFlow;
    private Consumer<String> tracer;
    private int writer;
    private long index;

    Truth(
            long seed,
            List<Flow> flows,
            List<SimulatedNode> nodes,
            int backends,
            Scale scale,
            SimulatedNode.Clock clock,
            int idleSeconds) {
        this.seed = seed;
        this.flows = flows;
        this.nodes = nodes;
        this.isReplicated = scale.replication();
        this.clock = clock;
        this.idleNs = idleSeconds * 1_000_000_000L;
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
        Claim claim = new Claim(writer, batch.incarnation(), index, clock.ns, lamport, author);
        SimulatedNode node = nodes.get(writer);
        if (!flow.isJudged() || flow.backend != backend || (isClosing && flow.phase != Phase.CLOSING)) {
            flow.claimedElsewhere(claim);
            flow.isDisputed |= flow.claims[0] != null && !hasApplied(node, flow.claims[0]);
            return;
        }
        if (flow.claims[0] == null) {
            for (Claim other : flow.others) {
                flow.isDisputed |= other != null && !hasApplied(node, other);
            }
        }
        flow.claimed(claim);
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
        if (tracer != null && flow == tracedFlow) {
            tracer.accept(String.format(
                    "%s journals: backend %d, %s, %s at time %d by %s",
                    SimulatedNode.id(writer),
                    backend,
                    FlowStateDescriptor.label((long) code << 24),
                    proven ? "proven" : "guessed",
                    lamport,
                    numbers.nodeId(node)));
        }
    }

    /** Tells of what nodes write of that flow. */
    void traceTo(int flow, Consumer<String> to) {
        tracedFlow = flow;
        tracer = to;
    }

    /** A node's disk has lost what its journal had from that index on; called before the node starts again. */
    void lostPower(int node, long firstLost) {
        for (Flow flow : flows) {
            flow.heldBy(node, false);
            for (int i = 0; i < flow.claims.length; i++) {
                Claim claim = flow.claims[i];
                if (claim != null && claim.node() == node && claim.index() >= firstLost) {
                    for (SimulatedNode other : nodes) {
                        if (other.isAlive && other.index != node && hasApplied(other, claim)) {
                            flow.heldBy(other.index, true);
                        }
                    }
                    flow.claims[i] = null;
                }
                Claim recent = flow.recent[i];
                if (recent != null && recent.node() == node && recent.index() >= firstLost) {
                    flow.recent[i] = null;
                }
            }
        }
    }

    private boolean hasApplied(SimulatedNode node, Claim claim) {
        if (node.index == claim.node()) {
            return true;
        }
        Position applied = node.applied(SimulatedNode.id(claim.node()));
        return applied.incarnation() == claim.incarnation()
                ? applied.index() >= claim.index()
                : applied.incarnation() > claim.incarnation();
    }

    private boolean knows(SimulatedNode node, Flow flow) {
        boolean knows = flow.isHeldBy(node.index);
        for (Claim claim : flow.claims) {
            knows |= claim != null && hasApplied(node, claim);
        }
        return knows;
    }

    /** {@return whether the node knows a claim that it cannot have forgotten yet} */
    private boolean remembers(SimulatedNode node, Flow flow) {
        boolean remembers = false;
        for (int i = 0; i < flow.claims.length; i++) {
            remembers |= isFresh(node, flow.claims[i]) || isFresh(node, flow.recent[i]);
        }
        return remembers;
    }

    private boolean isFresh(SimulatedNode node, Claim claim) {
        return claim != null && clock.ns - claim.writtenNs() <= idleNs && hasApplied(node, claim);
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
        boolean remembers = remembers(at, flow);
        if (remembers && flow.isDisputed) {
            count(Count.DISPUTED);
        } else if (remembers) {
            violated(flow, at, backend, "which had applied the claim");
        } else if (shouldKnow(flow, at)) {
            violated(
                    flow,
                    at,
                    backend,
                    "which was announced without it, though a peer that it had caught up with had it");
        } else {
            boolean isElsewhere = false;
            for (SimulatedNode node : nodes) {
                isElsewhere |= node.isAlive && node != at && !isWriter(flow, node) && knows(node, flow);
            }
            count(isElsewhere ? Count.ELSEWHERE : Count.IN_LAG);
        }
    }

    private static boolean isWriter(Flow flow, SimulatedNode node) {
        for (Claim claim : flow.claims) {
            if (claim != null && claim.node() == node.index) {
                return true;
            }
        }
        return false;
    }

    /** {@return whether the node could have learned of the claim before it was announced}: it was known before the node started */
    private boolean shouldKnow(Flow flow, SimulatedNode at) {
        for (SimulatedNode node : nodes) {
            boolean isRecent = node.bornNs < at.bornNs && clock.ns - at.bornNs <= idleNs;
            if (flow.isHeldBy(node.index) && node.isAlive && isRecent && at.caughtUp.get(node.index)) {
                return true;
            }
        }
        for (Claim claim : flow.claims) {
            if (claim == null || claim.writtenNs() >= at.bornNs || clock.ns - claim.writtenNs() > idleNs) {
                continue;
            }
            SimulatedNode author = nodes.get(claim.node());
            if (author.isAlive && author.bornNs < at.bornNs && at.caughtUp.get(author.index)) {
                return true;
            }
            for (SimulatedNode node : nodes) {
                boolean isWitness = node.isAlive && node.bornNs < at.bornNs && at.caughtUp.get(node.index);
                if (isWitness && !author.isAlive && author.diedNs < at.bornNs && hasApplied(node, claim)) {
                    return true;
                }
            }
        }
        return false;
    }

    private void violated(Flow flow, SimulatedNode at, int backend, String words) {
        count(Count.VIOLATIONS);
        if (violation.isEmpty()) {
            violation = Optional.of(new Violation(
                    seed,
                    clock.ns,
                    flow.id,
                    "flow " + flow.id + " belongs to backend " + flow.backend + ", and went to " + backend + " at "
                            + at.id + ", " + words));
        }
    }
}
