package io.l4lb.node.admin;

import io.l4lb.config.L4lbConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.WorkerCounter;
import io.l4lb.net.IpAddress;
import io.l4lb.node.control.BackendStates;
import io.l4lb.node.control.BackendStatus;
import io.l4lb.node.control.TablePublisher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What a node says of itself, as JSON documents. Any thread. */
public final class AdminDocuments {
    private final TablePublisher publisher;
    private final BackendStates states;
    private final Supplier<CounterSnapshot> counters;
    private final long startedMs = System.currentTimeMillis();

    public AdminDocuments(TablePublisher publisher, BackendStates states, Supplier<CounterSnapshot> counters) {
        this.publisher = publisher;
        this.states = states;
        this.counters = counters;
    }

    /** {@return the node as a whole, without what its other parts add} */
    Map<String, Object> node() {
        L4lbConfig config = publisher.config();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("node", config.node().id());
        document.put("pid", ProcessHandle.current().pid());
        document.put("upSeconds", (System.currentTimeMillis() - startedMs) / 1000);
        document.put("drained", states.settings().nodeDrained());
        document.put("vips", config.vips().size());
        document.put("backends", backendCounts());
        document.put(
                "workers",
                counters.get().workers().stream().map(AdminDocuments::worker).toList());
        return document;
    }

    private Map<String, Object> backendCounts() {
        List<BackendStatus> all = states.all();
        Map<String, Object> counts = new LinkedHashMap<>();
        for (String state : List.of("up", "starting", "drained", "weight-0", "doubted", "down")) {
            counts.put(
                    state,
                    all.stream().filter(each -> each.state().equals(state)).count());
        }
        return counts;
    }

    private static Map<String, Object> worker(CounterSnapshot.WorkerSnapshot worker) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("worker", worker.worker());
        fields.put("flows", worker.value(WorkerCounter.FLOWS));
        fields.put("rxPackets", worker.value(WorkerCounter.RX_PACKETS));
        fields.put("txPackets", worker.value(WorkerCounter.TX_PACKETS));
        fields.put(
                "drops",
                worker.drops().values().stream().mapToLong(Long::longValue).sum());
        return fields;
    }

    /** {@return every VIP} */
    Map<String, Object> vips() {
        List<BackendStatus> backends = states.all();
        Map<String, CounterSnapshot.VipSnapshot> counted = new LinkedHashMap<>();
        counters.get().vips().forEach(vip -> counted.put(vip.name(), vip));
        List<Map<String, Object>> vips = new ArrayList<>();
        for (VipConfig vip : publisher.config().vips()) {
            List<BackendStatus> pool = backends.stream()
                    .filter(each -> vip.uses(each.key().pool()))
                    .toList();
            Map<String, Object> fields = vip(vip);
            fields.put("backends", pool.size());
            fields.put("backendsUp", pool.stream().filter(BackendStatus::up).count());
            fields.put("state", state(vip, pool));
            CounterSnapshot.VipSnapshot counts = counted.get(vip.name());
            fields.put("packets", counts == null ? 0 : counts.packets());
            fields.put("bytes", counts == null ? 0 : counts.bytes());
            vips.add(fields);
        }
        return Map.of("vips", vips);
    }

    private static Map<String, Object> vip(VipConfig vip) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", vip.name());
        fields.put("address", vip.address().toString());
        fields.put("protocol", vip.protocol().label());
        fields.put("l4Port", vip.isAnyL4Port() ? "any" : vip.l4Port());
        fields.put("pool", vip.poolNames());
        fields.put(
                "pools",
                vip.pools().stream()
                        .map(share -> Map.of("name", share.pool(), "weight", share.weight()))
                        .toList());
        fields.put("encapsulation", vip.encapsulation().label());
        fields.put("affinity", vip.affinity().label());
        fields.put("whenAllDown", vip.whenAllDown().label());
        return fields;
    }

    /** {@return serving, no-new-flows (all weights 0), all-down-forward or all-down-reject} */
    private static String state(VipConfig vip, List<BackendStatus> pool) {
        if (pool.stream().anyMatch(each -> each.up() && each.weight() > 0)) {
            return "serving";
        }
        return pool.stream().anyMatch(each -> each.weight() > 0)
                ? "all-down-" + vip.whenAllDown().label()
                : "no-new-flows";
    }

    /** {@return every backend of every pool} */
    Map<String, Object> backends() {
        Map<String, CounterSnapshot.BackendSnapshot> counted = new LinkedHashMap<>();
        counters.get().backends().forEach(each -> counted.put(each.pool() + '/' + each.name(), each));
        Map<IpAddress, Integer> pathMtus = loweredPathMtus();
        List<Map<String, Object>> backends = new ArrayList<>();
        for (BackendStatus each : states.all()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("pool", each.key().pool());
            fields.put("backend", each.key().backend());
            fields.put("address", each.address().toString());
            fields.put("state", each.state());
            fields.put("reason", each.reason());
            fields.put("weight", each.weight());
            fields.put("configuredWeight", each.configuredWeight());
            each.operatorWeight().ifPresent(weight -> fields.put("operatorWeight", weight));
            fields.put("drained", each.drained());
            fields.put("slowStartPercent", each.slowStartStep() * 100 / BackendStatus.SLOW_START_STEPS);
            CounterSnapshot.BackendSnapshot counts = counted.get(each.key().toString());
            fields.put("packets", counts == null ? 0 : counts.packets());
            fields.put("bytes", counts == null ? 0 : counts.bytes());
            if (pathMtus.containsKey(each.address())) {
                fields.put("pathMtu", pathMtus.get(each.address()));
            }
            backends.add(fields);
        }
        return Map.of("backends", backends);
    }

    /** {@return by backend's address, where routers have told of less than the link carries} */
    private Map<IpAddress, Integer> loweredPathMtus() {
        Map<IpAddress, Integer> lowered = new HashMap<>();
        long nowNs = System.nanoTime();
        publisher.read(table -> {
            for (BackendStatus each : states.all()) {
                table.loweredPathMtu(each.address(), nowNs).ifPresent(mtu -> lowered.put(each.address(), mtu));
            }
            return lowered;
        });
        return lowered;
    }
}
