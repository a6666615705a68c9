package io.l4lb.bench.simulation;

import io.l4lb.bench.simulation.Truth.Count;
import io.l4lb.bench.simulation.Truth.Violation;
import io.l4lb.flow.FlowHash;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/** One seed's run: the same seed and scale, the same events. What happens to nodes does not depend on what becomes of flows. */
final class Simulation implements AutoCloseable {
    private static final long NS_PER_MS = 1_000_000;
    private static final long HOUR_MS = 3_600_000;
    private static final long[] STEPS_NS = {5 * NS_PER_MS, 50 * NS_PER_MS, 500 * NS_PER_MS};
    private static final int[] IDLE_SECONDS = {16, 60, 300, 900};

    private final Scale scale;
    private final SplittableRandom events;
    private final SimulatedNode.Clock clock = new SimulatedNode.Clock();
    private final long stepNs;
    private final long catchUpNs;
    private final double rate;
    private final List<Flow> flows = new ArrayList<>();
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final Backends backends;
    private final Truth truth;
    private final Clients clients;
    private final Network network;
    private final long[] startAtNs;
    private final long[] stalledUntilNs;
    private final List<ViewChange> viewChanges = new ArrayList<>();
    private final List<SimulatedNode> announced = new ArrayList<>();
    private final long[] withdrawnAtNs;
    private final Trace trace;
    private long routerSalt;
    private long incarnations;

    private record ViewChange(long atNs, int node, Backends.View view) {}

    /** What came of a run. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Outcome(long[] counts, Optional<Violation> violation, List<String> trace) {}

    Simulation(long seed, Scale scale) {
        this(seed, scale, OptionalInt.empty());
    }

    /** @param tracedFlow of which the events are kept, and of its cluster */
    Simulation(long seed, Scale scale, OptionalInt tracedFlow) {
        this(seed, scale, tracedFlow, 1);
    }

    /** @param lagShare how much of its lag a node that dies is granted, to see that less is noticed */
    Simulation(long seed, Scale scale, OptionalInt tracedFlow, double lagShare) {
        this.scale = scale;
        this.trace = tracedFlow.isEmpty() ? Trace.none(clock) : Trace.of(tracedFlow.getAsInt(), clock);
        SplittableRandom random = new SplittableRandom(FlowHash.mix(seed));
        events = random.split();
        stepNs = STEPS_NS[events.nextInt(STEPS_NS.length)];
        int idleSeconds = IDLE_SECONDS[events.nextInt(IDLE_SECONDS.length)];
        rate = 0.3 + 2 * events.nextDouble();
        catchUpNs = Math.clamp(60 * stepNs, 500 * NS_PER_MS, 10_000 * NS_PER_MS);
        backends = new Backends(scale.backends());
        for (int id = 0; id < scale.flows(); id++) {
            int kind = events.nextInt(8);
            flows.add(new Flow(id, kind == 0 ? Flow.UDP4 : kind == 1 ? Flow.TCP6 : Flow.TCP4));
        }
        int count = scale.nodes() == 0 ? 3 + events.nextInt(6) : scale.nodes();
        truth = new Truth(seed, flows, nodes, backends.count(), scale, clock, idleSeconds, trace, lagShare);
        clients = new Clients(flows, truth, backends, clock, random.split(), stepNs, idleSeconds);
        SimulatedNode.Site site = new SimulatedNode.Site(scale, backends, idleSeconds, clock, this::delivered);
        for (int i = 0; i < count; i++) {
            nodes.add(node(i, count, site));
        }
        startAtNs = new long[count];
        stalledUntilNs = new long[count];
        withdrawnAtNs = new long[count];
        network = scale.replication() ? new Network(nodes, scale, clock, random.split()) : null;
        nodes.forEach(this::start);
    }

    private SimulatedNode node(int index, int count, SimulatedNode.Site site) {
        List<String> peers = new ArrayList<>();
        for (int other = 0; other < count; other++) {
            if (other != index) {
                peers.add(SimulatedNode.id(other));
            }
        }
        SimulatedDisk disk = new SimulatedDisk(
                peers,
                20 + events.nextInt(200),
                clock,
                (at, buffer, offset, length) -> truth.appended(index, at, buffer, offset, length));
        long skewMs = events.nextLong(24 * HOUR_MS) + 24 * HOUR_MS;
        return new SimulatedNode(index, disk, site, skewMs, 1 + events.nextInt(2));
    }

    private void start(SimulatedNode node) {
        node.start(++incarnations, events.nextLong(HOUR_MS * NS_PER_MS), backends.view());
        viewChanges.removeIf(change -> change.node == node.index);
        if (network != null) {
            truth.started(node);
        }
    }

    private void delivered(Flow flow, int event, SimulatedNode at, int backend) {
        if (trace.isOf(flow.id)) {
            trace.add(
                    "%s event %d at %s to backend %d (belongs to %d)", flow.phase, event, at.id, backend, flow.backend);
        }
        clients.delivered(flow, event, at, backend);
    }

    /** {@return what came of it} Ends at the first violation. */
    Outcome run() {
        for (int step = 0; step < scale.steps() && truth.violation().isEmpty(); step++) {
            clock.ns += 1 + events.nextLong(2 * stepNs);
            happen();
            change();
            if (network != null) {
                network.work();
            }
            clients.send(this::route);
            for (SimulatedNode node : nodes) {
                if (node.isAlive) {
                    node.work();
                    journal(node);
                }
            }
            announce();
        }
        return new Outcome(truth.counts(), truth.violation(), trace.lines());
    }

    private void journal(SimulatedNode node) {
        if (node.engine() != null && clock.ns >= stalledUntilNs[node.index]) {
            node.journal();
            trace.look(node);
        }
    }

    private SimulatedNode route(int flow) {
        if (announced.isEmpty()) {
            return null;
        }
        long hash = FlowHash.mix(flow ^ routerSalt);
        SimulatedNode node = announced.get((int) Long.remainderUnsigned(hash, announced.size()));
        return node.isAlive ? node : null;
    }

    /** What befalls the cluster in this step. Each kind draws the same numbers whatever state the cluster is in. */
    private void happen() {
        int one = events.nextInt(nodes.size());
        int other = (one + 1 + events.nextInt(nodes.size() - 1)) % nodes.size();
        long untilNs = clock.ns + events.nextLong(200 * stepNs);
        double kind = events.nextDouble() * 1000 / rate;
        if (kind < 6) {
            kill(nodes.get(one), untilNs, events.nextInt(4) == 0);
        } else if (kind < 6.5) {
            boolean losesPower = events.nextBoolean();
            nodes.forEach(node -> kill(node, untilNs, losesPower));
        } else if (kind < 11) {
            block(one, other, untilNs);
        } else if (kind < 12) {
            for (int i = 1; i < nodes.size(); i++) {
                block(one, (one + i) % nodes.size(), untilNs);
            }
        } else if (kind < 22) {
            cut(one, other);
        } else if (kind < 26) {
            slow(one, other, untilNs);
        } else if (kind < 32) {
            truth.count(Count.REHASHES);
            trace.add("the router hashes anew");
            routerSalt = events.nextLong();
        } else if (kind < 35) {
            trace.add("%s spreads anew over its workers", nodes.get(one).id);
            nodes.get(one).spreadAnew(events.nextLong());
        } else if (kind < 38) {
            stalledUntilNs[one] = clock.ns + (untilNs - clock.ns) / 10;
        } else if (kind < 58) {
            changeBackends();
        }
        starts();
    }

    private void block(int one, int other, long untilNs) {
        truth.count(Count.PARTITIONS);
        trace.add("lb%d and lb%d are parted until %.3f s", one, other, untilNs / 1e9);
        if (network != null) {
            network.block(one, other, untilNs);
        }
    }

    private void cut(int one, int other) {
        if (network != null) {
            network.cut(one, other);
        }
    }

    private void slow(int one, int other, long untilNs) {
        if (network != null) {
            network.slow(one, other, untilNs);
        }
    }

    private void kill(SimulatedNode node, long startNs, boolean losesPower) {
        long lossSeed = events.nextLong();
        if (!node.isAlive) {
            return;
        }
        truth.count(Count.KILLS);
        trace.add("%s is killed%s until %.3f s", node.id, losesPower ? ", loses power" : "", startNs / 1e9);
        if (network != null) {
            truth.killed(node);
            network.killed(node, losesPower);
        }
        node.kill();
        startAtNs[node.index] = startNs;
        // what has come to its NIC in between is lost
        withdrawnAtNs[node.index] = clock.ns + Math.abs(lossSeed % (3 * stepNs));
        if (losesPower && network != null) {
            truth.count(Count.POWER_LOSSES);
            truth.lostPower(node, node.disk.losePower(new SplittableRandom(lossSeed)));
        }
    }

    private void starts() {
        for (SimulatedNode node : nodes) {
            if (!node.isAlive && clock.ns >= startAtNs[node.index]) {
                announced.remove(node);
                start(node);
                trace.add(
                        "%s starts with %d flows",
                        node.id, node.engine() == null ? 0 : node.engine().recoveredFlows());
            }
        }
    }

    private void changeBackends() {
        truth.count(Count.BACKEND_CHANGES);
        String words = backends.change(events);
        trace.add("%s", words);
        clients.backendsChanged(flows);
        for (SimulatedNode node : nodes) {
            viewChanges.add(new ViewChange(clock.ns + events.nextLong(40 * stepNs), node.index, backends.view()));
        }
    }

    /** Nodes learn of the changes that are due; never an older one after a newer. */
    private void change() {
        for (int i = 0; i < viewChanges.size(); i++) {
            ViewChange change = viewChanges.get(i);
            if (clock.ns >= change.atNs) {
                SimulatedNode node = nodes.get(change.node);
                if (node.isAlive) {
                    node.see(change.view);
                }
                int until = i;
                viewChanges.removeIf(each -> each.node == change.node && viewChanges.indexOf(each) <= until);
                i = -1;
            }
        }
    }

    /** As a node does: when each peer has said that it has sent all, and that is applied, or was out of reach for too long. */
    private void announce() {
        announced.removeIf(node -> !node.isAlive && clock.ns >= withdrawnAtNs[node.index]);
        for (SimulatedNode node : nodes) {
            if (node.isAlive && !node.isAnnounced && isReady(node)) {
                node.isAnnounced = true;
                announced.add(node);
                if (network != null) {
                    truth.announced(node);
                }
                trace.add("%s is announced", node.id);
            }
        }
    }

    private boolean isReady(SimulatedNode node) {
        node.caughtUp.clear();
        boolean isReady = true;
        for (SimulatedNode peer : nodes) {
            if (network == null || peer == node) {
                continue;
            }
            boolean isCaughtUp = node.engine().isCaughtUp(peer.id);
            node.caughtUp.set(peer.index, isCaughtUp);
            isReady &= isCaughtUp || clock.ns - network.reachedNs(node, peer) > catchUpNs;
        }
        return isReady;
    }

    @Override
    public void close() {
        nodes.stream().filter(node -> node.isAlive).forEach(SimulatedNode::kill);
    }

    /**
     * How large a simulated cluster is, and how long it is watched.
     *
     * @param nodes 0: 3 to 8, by seed
     * @param backends at the beginning
     * @param flows 5-tuples that clients use, again and again
     * @param steps of the clock
     * @param replication whether nodes tell each other of flows; without it the same events must break connections
     */
    record Scale(int nodes, int backends, int flows, int steps, boolean replication) {
        static final int NODES_MAX = 100;
        static final int BACKENDS_MAX = 10_000;
        static final int FLOWS_MAX = 1_000_000;
        static final int STEPS_MAX = 1_000_000;

        Scale {
            check("--nodes", nodes, 2, NODES_MAX, nodes == 0);
            check("--backends", backends, 2, BACKENDS_MAX, false);
            check("--flows", flows, 1, FLOWS_MAX, false);
            check("--steps", steps, 1, STEPS_MAX, false);
        }

        private static void check(String option, int value, int min, int max, boolean allowed) {
            if (!allowed && (value < min || value > max)) {
                throw new IllegalArgumentException(option + " " + value + ": expected " + min + " to " + max);
            }
        }

        /** {@return the options that say the same} */
        String words() {
            return (nodes == 0 ? "" : "--nodes " + nodes + " ") + "--backends " + backends + " --flows " + flows
                    + " --steps " + steps + " --replication " + (replication ? "on" : "off");
        }
    }
}
