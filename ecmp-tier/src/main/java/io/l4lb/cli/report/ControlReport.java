package io.l4lb.cli.report;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The node's answers for people. Whatever an answer lacks (a node of another version) is left out. */
public final class ControlReport {
    private ControlReport() {}

    public static void status(Map<String, Object> answer, PrintWriter out) {
        out.printf(
                "node %s: up for %s s, pid %s, %s%n",
                answer.get("node"),
                answer.get("upSeconds"),
                answer.get("pid"),
                Boolean.TRUE.equals(answer.get("drained")) ? "DRAINED" : "not drained");
        out.printf("  configuration  %s%n", answer.get("configuration"));
        map(answer.get("lastReload"))
                .ifPresent(last -> out.printf(
                        "  last reload    %s, %s: %s%n", last.get("at"), last.get("outcome"), last.get("details")));
        out.printf("  VIPs           %s%n", answer.get("vips"));
        out.printf("  backends       %s%n", inLine(answer.get("backends")));
        for (Map<String, Object> worker : list(answer.get("workers"))) {
            out.printf("  worker         %s%n", inLine(worker));
        }
        map(answer.get("sections"))
                .ifPresent(sections -> sections.forEach((name, section) -> {
                    out.println(name);
                    section(section, "  ", out);
                }));
    }

    /** Maps in maps, a line a value. */
    private static void section(Object value, String indent, PrintWriter out) {
        map(value)
                .ifPresent(fields -> fields.forEach((key, field) -> {
                    if (field instanceof Map<?, ?>) {
                        out.println(indent + key);
                        section(field, indent + "  ", out);
                    } else if (field instanceof List<?> items) {
                        items.forEach(item -> out.printf("%s%-14s %s%n", indent, key, inLine(item)));
                    } else {
                        out.printf("%s%-14s %s%n", indent, key, field);
                    }
                }));
    }

    public static void vips(Map<String, Object> answer, PrintWriter out) {
        out.printf("%-24s %-44s %-18s %8s %15s %18s%n", "VIP", "address", "state", "up", "packets", "bytes");
        for (Map<String, Object> vip : list(answer.get("vips"))) {
            out.printf(
                    "%-24s %-44s %-18s %8s %,15d %,18d%n",
                    vip.get("name"),
                    vip.get("protocol") + " " + vip.get("address") + " " + vip.get("l4Port"),
                    vip.get("state"),
                    vip.get("backendsUp") + "/" + vip.get("backends"),
                    number(vip.get("packets")),
                    number(vip.get("bytes")));
        }
    }

    /** Of {@code status}, what it says of peers. */
    public static void peers(Map<String, Object> answer, PrintWriter out) {
        Optional<Map<String, Object>> replication =
                map(answer.get("sections")).flatMap(sections -> map(sections.get("replication")));
        if (replication.isEmpty()) {
            out.println("This node tells nobody of its flows: its configuration has no section replication.");
            return;
        }
        out.printf(
                "%-16s %-22s %-14s %-14s %12s %12s %10s %10s  %s%n",
                "peer", "address", "receiving", "sending", "events in", "unacked", "lag p50", "lag p99", "problem");
        for (Map<String, Object> peer : list(replication.get().get("peers"))) {
            out.printf(
                    "%-16s %-22s %-14s %-14s %,12d %,12d %7s ms %7s ms  %s%n",
                    peer.get("id"),
                    peer.get("address"),
                    peer.get("receiving"),
                    peer.get("sending"),
                    number(peer.get("eventsApplied")),
                    number(peer.get("batchesUnacknowledged")),
                    peer.get("lagP50Ms"),
                    peer.get("lagP99Ms"),
                    peer.get("problem"));
        }
    }

    public static void backends(Map<String, Object> answer, PrintWriter out) {
        out.printf(
                "%-30s %-26s %-9s %7s %8s %15s %18s  %s%n",
                "backend", "address", "state", "weight", "path MTU", "packets", "bytes", "why");
        for (Map<String, Object> backend : list(answer.get("backends"))) {
            String state = String.valueOf(backend.get("state"));
            out.printf(
                    "%-30s %-26s %-9s %7s %8s %,15d %,18d  %s%n",
                    backend.get("pool") + "/" + backend.get("backend"),
                    backend.get("address"),
                    "starting".equals(state) ? backend.get("slowStartPercent") + " %" : state,
                    backend.get("weight"),
                    backend.getOrDefault("pathMtu", "-"),
                    number(backend.get("packets")),
                    number(backend.get("bytes")),
                    backend.get("reason"));
        }
    }

    public static void flowCounts(Map<String, Object> answer, PrintWriter out) {
        List<Map<String, Object>> workers = list(answer.get("workers"));
        out.printf("%-8s", "worker");
        List<String> states = workers.isEmpty()
                ? List.of()
                : workers.getFirst().keySet().stream()
                        .filter(key -> !key.equals("worker"))
                        .toList();
        states.forEach(state -> out.printf(" %14s", state));
        out.println();
        for (Map<String, Object> worker : workers) {
            out.printf("%-8s", worker.get("worker"));
            states.forEach(state -> out.printf(" %,14d", number(worker.get(state))));
            out.println();
        }
    }

    public static void flow(Map<String, Object> answer, PrintWriter out) {
        out.printf("%s (VIP %s)%n", answer.get("flow"), answer.get("vip"));
        List<Map<String, Object>> pins = list(answer.get("pinned"));
        for (Map<String, Object> pin : pins) {
            out.printf(
                    "  pinned to %s by worker %s: %s, last packet %s s ago%n",
                    pin.get("backend"), pin.get("worker"), pin.get("state"), pin.get("idleSeconds"));
        }
        Object goesTo = answer.get("newFlowGoesTo");
        out.printf(
                "  %snew it would %s%n",
                pins.isEmpty() ? "not pinned; " : "",
                goesTo == null ? "be dropped: no backend takes new flows" : "go to " + goesTo);
    }

    public static void changed(Map<String, Object> answer, PrintWriter out) {
        if (answer.containsKey("node")) {
            out.printf("node: %s%s%n", answer.get("node"), answer.containsKey("does") ? "; " + answer.get("does") : "");
        } else {
            out.printf(
                    "%s/%s: %s, weight %s; by all workers after %s ms%n",
                    answer.get("pool"),
                    answer.get("backend"),
                    answer.get("state"),
                    answer.get("weight"),
                    answer.get("tookMs"));
        }
        if (answer.containsKey("warning")) {
            out.println("warning: " + answer.get("warning"));
        }
    }

    public static void reloaded(Map<String, Object> answer, PrintWriter out) {
        if (answer.get("warnings") instanceof List<?> warnings) {
            warnings.forEach(warning -> out.println("warning: " + warning));
        }
        Object first = answer.get("firstPacketMs");
        out.printf(
                "%s reloaded: read and checked after %s ms, by all workers after %s ms, %s%n",
                answer.get("file"),
                answer.get("readMs"),
                answer.get("workersMs"),
                first == null
                        ? "no packet came within a second"
                        : "first packet on the new table after " + first + " ms");
    }

    private static String inLine(Object value) {
        return map(value)
                .map(fields -> fields.entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .collect(Collectors.joining(", ")))
                .orElseGet(() -> String.valueOf(value));
    }

    private static long number(Object value) {
        return value instanceof Number number ? number.longValue() : 0;
    }

    @SuppressWarnings("unchecked") // JSON objects have keys of text
    private static Optional<Map<String, Object>> map(Object value) {
        return value instanceof Map<?, ?> ? Optional.of((Map<String, Object>) value) : Optional.empty();
    }

    private static List<Map<String, Object>> list(Object value) {
        return value instanceof List<?> items
                ? items.stream().flatMap(item -> map(item).stream()).toList()
                : List.of();
    }
}
