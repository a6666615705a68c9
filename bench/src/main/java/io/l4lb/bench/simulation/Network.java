package io.l4lb.bench.simulation;

import io.l4lb.bench.simulation.Connection.End;
import io.l4lb.bench.simulation.Simulation.Scale;
import io.l4lb.peer.BatchSink;
import io.l4lb.peer.BatchSource;
import io.l4lb.peer.Ending;
import io.l4lb.peer.PeerCounters;
import io.l4lb.peer.Position;
import io.l4lb.peer.ReceiverSession;
import io.l4lb.peer.SenderSession;
import io.l4lb.peer.SessionTerms;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.agrona.DirectBuffer;

/** What nodes say to each other, and what becomes of it on its way. A follower dials again when its connection ends. */
final class Network {
    private static final String CLUSTER = "simulated";
    private static final long REDIAL_NS = 50_000_000;
    private static final long DELAY_MIN_NS = 20_000;
    private static final long DELAY_MAX_NS = 50_000_000;

    private final List<SimulatedNode> nodes;
    private final SimulatedNode.Clock clock;
    private final SplittableRandom random;
    private final SessionTerms[] terms;
    private final PeerCounters counters = new PeerCounters();
    private final List<Connection> connections = new ArrayList<>();
    private final Pair[][] pairs;

    /** What there is between a follower and whom it follows. */
    private static final class Pair {
        Connection current;
        long dialNs;
        /** When the follower last heard of the other. */
        long reachedNs;

        long delayNs;
        long blockedUntilNs;
        long slowUntilNs;
        byte[] recording = {};
        Position older = Position.NONE;
    }

    Network(List<SimulatedNode> nodes, Scale scale, SimulatedNode.Clock clock, SplittableRandom random) {
        this.nodes = nodes;
        this.clock = clock;
        this.random = random;
        int count = nodes.size();
        pairs = new Pair[count][count];
        terms = new SessionTerms[count];
        for (int i = 0; i < count; i++) {
            terms[i] = SessionTerms.of(CLUSTER, SimulatedNode.id(i), Math.max(1024, 2L * scale.flows()));
            for (int j = 0; j < count; j++) {
                pairs[i][j] = new Pair();
                // most links are short, some long
                pairs[i][j].delayNs = DELAY_MIN_NS << random.nextInt(11);
            }
        }
    }

    PeerCounters counters() {
        return counters;
    }

    /** Everything that is due. */
    void work() {
        for (SimulatedNode follower : nodes) {
            for (SimulatedNode followed : nodes) {
                if (follower != followed && follower.isAlive) {
                    dial(follower, followed, pairs[follower.index][followed.index]);
                }
            }
        }
        for (int i = connections.size() - 1; i >= 0; i--) {
            Connection connection = connections.get(i);
            int from = connection.receiver.node.index;
            int to = connection.sender.node.index;
            connection.work(clock.ns, delayNs(from, to), isBlocked(from, to));
            if (connection.isOver()) {
                connections.set(i, connections.getLast());
                connections.removeLast();
            }
        }
    }

    private long delayNs(int one, int other) {
        Pair pair = pair(one, other);
        long base = clock.ns < pair.slowUntilNs ? DELAY_MAX_NS * 20 : pair.delayNs;
        return base + random.nextLong(base);
    }

    private Pair pair(int one, int other) {
        return pairs[Math.min(one, other)][Math.max(one, other)];
    }

    boolean isBlocked(int one, int other) {
        return clock.ns < pair(one, other).blockedUntilNs;
    }

    private void dial(SimulatedNode follower, SimulatedNode followed, Pair pair) {
        Connection current = pair.current;
        if (current != null && !current.receiver.isClosed) {
            if (current.receiver.side.isGreeted()) {
                pair.reachedNs = clock.ns;
            }
            return;
        }
        if (current != null) {
            pair.recording = current.recording == null ? pair.recording : current.recording.toByteArray();
            pair.current = null;
            pair.dialNs = clock.ns + REDIAL_NS + random.nextLong(REDIAL_NS);
        }
        if (clock.ns >= pair.dialNs && followed.isAlive && !isBlocked(follower.index, followed.index)) {
            pair.current = connect(follower, followed, pair);
            connections.add(pair.current);
        }
    }

    private Connection connect(SimulatedNode follower, SimulatedNode followed, Pair pair) {
        int kind = random.nextInt(20);
        boolean isAnew = kind == 0; // as after a gap that is still there
        BatchSink sink = follower.engine().sink(followed.id);
        if (random.nextInt(4) == 0) {
            pair.older = sink.applied();
        }
        BatchSink from = kind == 1 ? new Older(sink, pair.older) : sink;
        End receiver = new End(
                follower,
                new ReceiverSession(terms[follower.index], followed.id, from, counters, isAnew, follower.nowNs()));
        // TLS lets nobody say an old stream again; without it the follower sees that it is no answer to its hello
        if (kind == 2 && pair.recording.length > 0) {
            return Connection.replayed(receiver, followed, pair.recording, clock.ns);
        }
        End sender = new End(
                followed, new SenderSession(terms[followed.index], new Admits(followed, counters), followed.nowNs()));
        return new Connection(receiver, sender, kind == 3);
    }

    /** {@return when the follower last heard of the other, or began to try} */
    long reachedNs(SimulatedNode follower, SimulatedNode followed) {
        return Math.max(pairs[follower.index][followed.index].reachedNs, follower.bornNs);
    }

    void killed(SimulatedNode node, boolean isSilent) {
        for (Connection connection : connections) {
            if (connection.receiver.node == node || connection.sender.node == node) {
                connection.killed(node, isSilent, random, clock.ns);
            }
        }
        for (Pair pair : pairs[node.index]) {
            pair.current = null;
            pair.dialNs = 0;
        }
    }

    void block(int one, int other, long untilNs) {
        pair(one, other).blockedUntilNs = untilNs;
    }

    void slow(int one, int other, long untilNs) {
        pair(one, other).slowUntilNs = untilNs;
    }

    void cut(int follower, int followed) {
        Connection current = pairs[follower][followed].current;
        if (current != null) {
            current.cut(random, clock.ns);
        }
    }

    /** Lets every peer follow. */
    private record Admits(SimulatedNode node, PeerCounters counters) implements SenderSession.Admission {
        @Override
        public Optional<Ending> objection(String nodeId) {
            return Optional.empty();
        }

        @Override
        public BatchSource open(String nodeId) {
            return node.engine().source();
        }

        @Override
        public PeerCounters counters(String nodeId) {
            return counters;
        }
    }

    /** A receiver that has forgotten what it got lately, as if it had not been written back: it comes twice. */
    private record Older(BatchSink sink, Position last) implements BatchSink {
        @Override
        public void batch(DirectBuffer buffer, int offset, int length, Position position, long ageSeconds) {
            sink.batch(buffer, offset, length, position, ageSeconds);
        }

        @Override
        public void snapshot(DirectBuffer buffer, int offset, int length, boolean isLast) {
            sink.snapshot(buffer, offset, length, isLast);
        }

        @Override
        public void caughtUp() {
            sink.caughtUp();
        }

        @Override
        public Position applied() {
            return sink.applied();
        }
    }
}
