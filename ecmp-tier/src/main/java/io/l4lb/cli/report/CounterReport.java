package io.l4lb.cli.report;

import io.l4lb.counters.CounterSnapshot;
import io.l4lb.counters.CounterSnapshot.WorkerSnapshot;
import io.l4lb.counters.DropReason;
import io.l4lb.counters.WorkerCounter;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A {@link CounterSnapshot} for programs (one JSON document) and for people. */
public final class CounterReport {
    private CounterReport() {}

    public static Map<String, Object> document(CounterSnapshot snapshot) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("node", snapshot.node());
        document.put(
                "workers",
                snapshot.workers().stream().map(CounterReport::worker).toList());
        document.put(
                "vips",
                snapshot.vips().stream()
                        .map(vip -> fields("name", vip.name(), "packets", vip.packets(), "bytes", vip.bytes()))
                        .toList());
        document.put(
                "backends",
                snapshot.backends().stream()
                        .map(backend -> fields(
                                "pool", backend.pool(),
                                "name", backend.name(),
                                "packets", backend.packets(),
                                "bytes", backend.bytes()))
                        .toList());
        return document;
    }

    private static Map<String, Object> worker(WorkerSnapshot worker) {
        Map<String, Object> fields = fields("worker", worker.worker());
        worker.values().forEach((counter, value) -> fields.put(counter.label(), value));
        Map<String, Object> drops = new LinkedHashMap<>();
        worker.drops().forEach((reason, packets) -> drops.put(reason.label(), packets));
        fields.put("drops", drops);
        return fields;
    }

    private static Map<String, Object> fields(Object... keysAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            fields.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return fields;
    }

    public static void print(CounterSnapshot snapshot, PrintWriter out) {
        out.println("node " + snapshot.node());
        for (WorkerCounter counter : WorkerCounter.values()) {
            out.printf("  %-16s %,15d%n", counter.label(), snapshot.total(counter));
        }
        printDrops(snapshot, out);
        out.printf("%-33s %15s %18s%n", "VIP", "packets", "bytes");
        snapshot.vips().forEach(vip -> out.printf("  %-31s %,15d %,18d%n", vip.name(), vip.packets(), vip.bytes()));
        out.printf("%-33s %15s %18s%n", "backend", "packets", "bytes");
        snapshot.backends()
                .forEach(backend -> out.printf(
                        "  %-31s %,15d %,18d%n",
                        backend.pool() + "/" + backend.name(), backend.packets(), backend.bytes()));
        out.flush();
    }

    private static void printDrops(CounterSnapshot snapshot, PrintWriter out) {
        List<DropReason> reasons = List.of(DropReason.values()).stream()
                .filter(reason -> snapshot.drops(reason) > 0)
                .toList();
        out.println("drops" + (reasons.isEmpty() ? ": none" : ""));
        for (DropReason reason : reasons) {
            out.printf("  %-26s %,12d  %s%n", reason.label(), snapshot.drops(reason), reason.meaning());
        }
    }
}
