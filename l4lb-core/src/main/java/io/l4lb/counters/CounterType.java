package io.l4lb.counters;

import io.l4lb.counters.CounterSnapshot.BackendSnapshot;
import io.l4lb.counters.CounterSnapshot.VipSnapshot;
import io.l4lb.counters.CounterSnapshot.WorkerSnapshot;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Kinds of counters in a {@link CounterFile}: the type id of Agrona's counters, and what the label says. Backends'
 * labels are "pool/backend", where neither name can contain a slash.
 */
enum CounterType {
    /** Label: id of the node; value: when it last published, ms since 1970. */
    NODE(1),
    /** Label: of a {@link WorkerCounter}; key: worker. */
    WORKER(2),
    /** Label: of a {@link DropReason}; key: worker. */
    DROP(3),
    /** Label: name of the VIP. */
    VIP_PACKETS(4),
    VIP_BYTES(5),
    /** Label: pool/backend. */
    BACKEND_PACKETS(6),
    BACKEND_BYTES(7);

    private static final CounterType[] BY_ID = {
        null, NODE, WORKER, DROP, VIP_PACKETS, VIP_BYTES, BACKEND_PACKETS, BACKEND_BYTES
    };

    private final int id;

    CounterType(int id) {
        this.id = id;
    }

    int id() {
        return id;
    }

    /** One counter; {@code worker} 0 where it does not matter. */
    record Value(CounterType type, int worker, String label, long value) {}

    /** {@return all counters of a snapshot, in an order that depends on names only} */
    static List<Value> values(CounterSnapshot snapshot, long nowMs) {
        List<Value> values = new ArrayList<>();
        values.add(new Value(NODE, 0, snapshot.node(), nowMs));
        for (WorkerSnapshot worker : snapshot.workers()) {
            for (WorkerCounter counter : WorkerCounter.values()) {
                values.add(new Value(WORKER, worker.worker(), counter.label(), worker.value(counter)));
            }
            for (DropReason reason : DropReason.values()) {
                values.add(new Value(DROP, worker.worker(), reason.label(), worker.drops(reason)));
            }
        }
        for (VipSnapshot vip : snapshot.vips()) {
            values.add(new Value(VIP_PACKETS, 0, vip.name(), vip.packets()));
            values.add(new Value(VIP_BYTES, 0, vip.name(), vip.bytes()));
        }
        for (BackendSnapshot backend : snapshot.backends()) {
            String label = backend.pool() + '/' + backend.name();
            values.add(new Value(BACKEND_PACKETS, 0, label, backend.packets()));
            values.add(new Value(BACKEND_BYTES, 0, label, backend.bytes()));
        }
        return values;
    }

    /** Puts a snapshot together from counters in the order of the file. */
    static final class Collector {
        private Optional<String> node = Optional.empty();
        private long publishedAtMs;
        private final Map<Integer, Map<WorkerCounter, Long>> workers = new TreeMap<>();
        private final Map<Integer, Map<DropReason, Long>> drops = new TreeMap<>();
        private final Map<String, Long> vipPackets = new LinkedHashMap<>();
        private final Map<String, Long> vipBytes = new LinkedHashMap<>();
        private final Map<String, Long> backendPackets = new LinkedHashMap<>();
        private final Map<String, Long> backendBytes = new LinkedHashMap<>();

        void add(int typeId, int worker, String label, long value) {
            if (typeId < 1 || typeId >= BY_ID.length) {
                return; // a newer node's
            }
            switch (BY_ID[typeId]) {
                case NODE -> {
                    node = Optional.of(label);
                    publishedAtMs = value;
                }
                case WORKER -> addWorker(worker, label, value);
                case DROP -> addDrop(worker, label, value);
                case VIP_PACKETS -> vipPackets.put(label, value);
                case VIP_BYTES -> vipBytes.put(label, value);
                case BACKEND_PACKETS -> backendPackets.put(label, value);
                case BACKEND_BYTES -> backendBytes.put(label, value);
            }
        }

        private void addWorker(int worker, String label, long value) {
            Map<WorkerCounter, Long> values =
                    workers.computeIfAbsent(worker, key -> new EnumMap<>(WorkerCounter.class));
            for (WorkerCounter counter : WorkerCounter.values()) {
                if (counter.label().equals(label)) {
                    values.put(counter, value);
                }
            }
        }

        private void addDrop(int worker, String label, long value) {
            Map<DropReason, Long> values = drops.computeIfAbsent(worker, key -> new EnumMap<>(DropReason.class));
            for (DropReason reason : DropReason.values()) {
                if (value > 0 && reason.label().equals(label)) {
                    values.put(reason, value);
                }
            }
        }

        long publishedAtMs() {
            return publishedAtMs;
        }

        /**
         * {@return the snapshot}
         *
         * @throws IllegalArgumentException if there is no node's counter, or one of a pair is missing
         */
        CounterSnapshot snapshot() {
            List<WorkerSnapshot> workerSnapshots = new ArrayList<>();
            workers.forEach((worker, values) ->
                    workerSnapshots.add(new WorkerSnapshot(worker, values, drops.getOrDefault(worker, Map.of()))));
            List<VipSnapshot> vips = new ArrayList<>();
            vipPackets.forEach((name, packets) -> vips.add(new VipSnapshot(name, packets, other(vipBytes, name))));
            List<BackendSnapshot> backends = new ArrayList<>();
            backendPackets.forEach((label, packets) -> {
                int slash = label.indexOf('/');
                backends.add(new BackendSnapshot(
                        label.substring(0, slash), label.substring(slash + 1), packets, other(backendBytes, label)));
            });
            String id = node.orElseThrow(() -> new IllegalArgumentException("no counter of a node"));
            return new CounterSnapshot(id, workerSnapshots, vips, backends);
        }

        private static long other(Map<String, Long> values, String label) {
            Long value = values.get(label);
            if (value == null) {
                throw new IllegalArgumentException("no bytes beside the packets of " + label);
            }
            return value;
        }
    }
}
