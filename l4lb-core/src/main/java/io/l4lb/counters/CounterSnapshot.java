package io.l4lb.counters;

import java.util.List;
import java.util.Map;

/**
 * All counters of a node at one moment, as reports show them. Bytes of VIPs and backends are those of inner IP packets.
 *
 * @param node id of the node
 */
public record CounterSnapshot(
        String node, List<WorkerSnapshot> workers, List<VipSnapshot> vips, List<BackendSnapshot> backends) {
    /**
     * One worker.
     *
     * @param values by {@link WorkerCounter}
     * @param drops packets by reason, those above 0
     */
    public record WorkerSnapshot(int worker, Map<WorkerCounter, Long> values, Map<DropReason, Long> drops) {
        /** {@return the counter's value} */
        public long value(WorkerCounter counter) {
            return values.getOrDefault(counter, 0L);
        }

        /** {@return packets dropped for that reason} */
        public long drops(DropReason reason) {
            return drops.getOrDefault(reason, 0L);
        }
    }

    /** One VIP, all workers. */
    public record VipSnapshot(String name, long packets, long bytes) {}

    /** One backend of a pool, all workers and encapsulations. */
    public record BackendSnapshot(String pool, String name, long packets, long bytes) {}

    public CounterSnapshot {
        workers = List.copyOf(workers);
        vips = List.copyOf(vips);
        backends = List.copyOf(backends);
    }

    /** {@return the sum of a counter over the workers} */
    public long total(WorkerCounter counter) {
        return workers.stream().mapToLong(worker -> worker.value(counter)).sum();
    }

    /** {@return the sum of a drop reason over the workers} */
    public long drops(DropReason reason) {
        return workers.stream().mapToLong(worker -> worker.drops(reason)).sum();
    }
}
