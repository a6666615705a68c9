package io.l4lb.cli.report;

import io.l4lb.config.VipConfig;
import io.l4lb.config.access.AccessList;
import io.l4lb.explain.Explanation;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** An {@link Explanation} for programs and for people. */
public final class ExplanationReport {
    private ExplanationReport() {}

    /** {@return a document with "flow", "outcome" (forward, drop, punt) and what led there} */
    public static Map<String, Object> document(Explanation explanation) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("flow", explanation.flow().toString());
        switch (explanation) {
            case Explanation.Forwarded forwarded -> {
                fields.put("outcome", "forward");
                fields.put("vip", forwarded.vip().name());
                forwarded.vip().terms().accessList().ifPresent(list -> putAccess(list, explanation, fields));
                fields.put("pool", forwarded.pool().name());
                fields.put("affinity", forwarded.vip().affinity().label());
                fields.put("hash", String.format("%016x", forwarded.hash()));
                fields.put("slot", forwarded.slot());
                fields.put("tableSize", forwarded.slotCount());
                fields.put("backend", forwarded.backend().name());
                fields.put("backendAddress", forwarded.backend().address().toString());
                fields.put("encapsulation", forwarded.vip().encapsulation().label());
                forwarded.outerSource().ifPresent(source -> fields.put("outerSource", source.toString()));
                fields.put("nextHop", forwarded.nextHop());
            }
            case Explanation.Denied denied -> {
                fields.put("outcome", "drop");
                fields.put("reason", "access-denied");
                fields.put("vip", denied.vip().name());
                putAccess(denied.list(), explanation, fields);
            }
            case Explanation.NoBackend dropped -> {
                fields.put("outcome", "drop");
                fields.put("reason", "no-backend");
                fields.put("vip", dropped.vip().name());
                fields.put("pool", dropped.vip().poolNames());
            }
            case Explanation.Punted punted -> {
                fields.put("outcome", "punt");
                fields.put("reason", punted.why());
            }
        }
        return fields;
    }

    private static void putAccess(AccessList list, Explanation explanation, Map<String, Object> fields) {
        fields.put("accessList", list.name());
        fields.put(
                "accessPrefix",
                list.ruleFor(explanation.flow().source())
                        .map(rule -> rule.prefix().toString())
                        .orElse("default"));
    }

    public static void print(Explanation explanation, PrintWriter out) {
        line(out, "flow", explanation.flow());
        switch (explanation) {
            case Explanation.Forwarded forwarded -> printForwarded(forwarded, out);
            case Explanation.Denied denied -> {
                line(out, "VIP", vip(denied.vip()));
                line(out, "access", access(denied.list(), explanation));
                line(out, "outcome", "dropped (access-denied)");
            }
            case Explanation.NoBackend dropped -> {
                line(out, "VIP", vip(dropped.vip()));
                line(
                        out,
                        "outcome",
                        "dropped (no-backend): no backend of pool "
                                + dropped.vip().poolNames() + " has a weight above 0");
            }
            case Explanation.Punted punted ->
                line(
                        out,
                        "outcome",
                        "not ours: " + punted.why()
                                + "; goes to the kernel's side of the NIC, or is dropped (punt-unavailable)"
                                + " where there is none");
        }
        out.flush();
    }

    private static void printForwarded(Explanation.Forwarded forwarded, PrintWriter out) {
        line(out, "VIP", vip(forwarded.vip()));
        forwarded.vip().terms().accessList().ifPresent(list -> line(out, "access", access(list, forwarded)));
        line(
                out,
                "slot",
                forwarded.slot() + " of " + forwarded.slotCount() + ", of pool "
                        + forwarded.pool().name() + ", from hash " + String.format("%016x", forwarded.hash())
                        + " of the "
                        + (forwarded.vip().affinity().isSource()
                                ? "client address (affinity "
                                        + forwarded.vip().affinity().label() + ")"
                                : "5-tuple"));
        line(
                out,
                "backend",
                forwarded.backend().name() + " (" + forwarded.backend().address() + ", weight "
                        + forwarded.backend().weight() + "): it owns that slot; "
                        + (forwarded.vip().terms().isStateless()
                                ? "the VIP is stateless, nothing is pinned"
                                : "a flow pinned earlier keeps its own"));
        line(
                out,
                "outer header",
                forwarded
                        .outerSource()
                        .map(source -> forwarded.vip().encapsulation().label() + ", " + source + " -> "
                                + forwarded.backend().address())
                        .orElse("none: l2 rewrites the MAC addresses"));
        line(out, "next hop", forwarded.nextHop());
    }

    private static String access(AccessList list, Explanation explanation) {
        return list.ruleFor(explanation.flow().source())
                        .map(rule -> (rule.allow() ? "allowed" : "denied") + " by prefix " + rule.prefix())
                        .orElse((list.allowByDefault() ? "allowed" : "denied") + " by default")
                + " of access list " + list.name();
    }

    private static String vip(VipConfig vip) {
        return vip.name() + " (" + vip.address() + " " + vip.protocol().label() + " "
                + (vip.isAnyL4Port() ? "any" : vip.l4Port()) + ")";
    }

    private static void line(PrintWriter out, String label, Object value) {
        out.printf("%-13s %s%n", label, value);
    }
}
