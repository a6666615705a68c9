package io.l4lb.bench.simulation;

import io.l4lb.flow.FlowEventSink;
import io.l4lb.flow.FlowStateDescriptor;
import io.l4lb.replica.ReplicaNumbers;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What happens to one 5-tuple: its packets, what nodes write and know of it, and what befalls the cluster meanwhile. */
final class Trace {
    private static final int LINES_MAX = 2000;
    private static final int NOBODY = -1;

    private final int flow;
    private final SimulatedNode.Clock clock;
    private final Deque<String> lines = new ArrayDeque<>();
    private final Map<String, String> known = new HashMap<>();

    private Trace(int flow, SimulatedNode.Clock clock) {
        this.flow = flow;
        this.clock = clock;
    }

    static Trace of(int flow, SimulatedNode.Clock clock) {
        return new Trace(flow, clock);
    }

    static Trace none(SimulatedNode.Clock clock) {
        return new Trace(NOBODY, clock);
    }

    boolean isOn() {
        return flow != NOBODY;
    }

    boolean isOf(int other) {
        return flow == other;
    }

    List<String> lines() {
        return List.copyOf(lines);
    }

    @SuppressWarnings("AnnotateFormatMethod") // the formats are all in this package
    void add(String format, Object... arguments) {
        if (isOn()) {
            lines.add(String.format("%10.3f s  ", clock.ns / 1e9) + String.format(format, arguments));
            if (lines.size() > LINES_MAX) {
                lines.removeFirst();
            }
        }
    }

    /** Says what the node knows of the flow if it did not know that before. */
    void look(SimulatedNode node) {
        if (isOn() && node.engine() != null) {
            String words = Held.of(flow, node).words();
            if (!words.equals(known.put(node.id, words))) {
                add("%s knows: %s", node.id, words);
            }
        }
    }

    /** What a node's replica table holds of one 5-tuple. */
    static final class Held implements FlowEventSink {
        static final int NOTHING = -1;

        private final int flow;
        private final ReplicaNumbers numbers;
        private int backend = NOTHING;
        private String words = "nothing";

        private Held(int flow, ReplicaNumbers numbers) {
            this.flow = flow;
            this.numbers = numbers;
        }

        /** {@return what the node, which is alive and replicates, holds now} */
        static Held of(int flow, SimulatedNode node) {
            Held held = new Held(flow, node.engine().numbers());
            int tick = FlowStateDescriptor.tick(node.nowNs());
            node.engine().table().scan(0, node.engine().table().bucketCount(), tick, held);
            return held;
        }

        /** {@return a claim in words} */
        static String words(ReplicaNumbers numbers, int backend, int code, boolean isProven, long lamport, int author) {
            return String.format(
                    "backend %d, %s, %s at time %d by %s",
                    Backends.index(numbers.backendAddress(backend)),
                    FlowStateDescriptor.label(FlowStateDescriptor.word(1, 0, code, 0)),
                    isProven ? "proven" : "guessed",
                    lamport,
                    numbers.nodeId(author));
        }

        /** {@return its backend, or {@link #NOTHING}} */
        int backend() {
            return backend;
        }

        String words() {
            return words;
        }

        @Override
        public void ipv4(long key, int vip, int number, int code, boolean proven, long lamport, int node, int age) {
            if (SimulatedNode.flowId(false, key) == flow) {
                is(number, code, proven, lamport, node);
            }
        }

        @Override
        public void ipv6(
                long high,
                long low,
                int ports,
                int vip,
                int number,
                int code,
                boolean proven,
                long lamport,
                int node,
                int age) {
            if (SimulatedNode.flowId(true, low) == flow) {
                is(number, code, proven, lamport, node);
            }
        }

        private void is(int number, int code, boolean proven, long lamport, int node) {
            backend = Backends.index(numbers.backendAddress(number));
            words = words(numbers, number, code, proven, lamport, node);
        }
    }
}
