package io.l4lb.counters;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.config.PoolConfig;
import io.l4lb.counters.CounterSnapshot.BackendSnapshot;
import io.l4lb.counters.CounterSnapshot.VipSnapshot;
import io.l4lb.counters.CounterSnapshot.WorkerSnapshot;
import io.l4lb.forwarding.ForwardingNumbers;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** Reads the live counters of workers into a {@link CounterSnapshot}, without stopping them. Any thread. */
public final class CounterSnapshots {
    private CounterSnapshots() {}

    /** {@return the counters of those workers under the names of that configuration} */
    public static CounterSnapshot live(
            L4lbConfig config, ForwardingNumbers numbers, List<WorkerCounters> workers, List<TrafficCounters> traffic) {
        List<WorkerSnapshot> workerSnapshots = new ArrayList<>();
        for (int worker = 0; worker < workers.size(); worker++) {
            workerSnapshots.add(worker(worker, workers.get(worker)));
        }
        List<VipSnapshot> vips = config.vips().stream()
                .map(vip -> {
                    int number = numbers.vipNumber(vip);
                    return new VipSnapshot(
                            vip.name(),
                            sum(traffic, cells -> cells.vipPackets(number)),
                            sum(traffic, cells -> cells.vipBytes(number)));
                })
                .toList();
        return new CounterSnapshot(config.node().id(), workerSnapshots, vips, backends(config, numbers, traffic));
    }

    private static WorkerSnapshot worker(int index, WorkerCounters counters) {
        Map<WorkerCounter, Long> values = new EnumMap<>(WorkerCounter.class);
        for (WorkerCounter counter : WorkerCounter.values()) {
            values.put(counter, counters.get(counter));
        }
        Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            if (counters.drops(reason) > 0) {
                drops.put(reason, counters.drops(reason));
            }
        }
        return new WorkerSnapshot(index, values, drops);
    }

    private static List<BackendSnapshot> backends(
            L4lbConfig config, ForwardingNumbers numbers, List<TrafficCounters> traffic) {
        Map<ForwardingNumbers.Backend, long[]> sums = numbers.sumByBackend(
                index -> sum(traffic, cells -> cells.destinationPackets(index)),
                index -> sum(traffic, cells -> cells.destinationBytes(index)));
        List<BackendSnapshot> snapshots = new ArrayList<>();
        for (PoolConfig pool : config.pools()) {
            for (BackendConfig backend : pool.backends()) {
                long[] sum =
                        sums.getOrDefault(new ForwardingNumbers.Backend(pool.name(), backend.address()), new long[2]);
                snapshots.add(new BackendSnapshot(pool.name(), backend.name(), sum[0], sum[1]));
            }
        }
        return snapshots;
    }

    private static long sum(List<TrafficCounters> traffic, ToLongFunction<TrafficCounters> value) {
        return traffic.stream().mapToLong(value).sum();
    }
}
