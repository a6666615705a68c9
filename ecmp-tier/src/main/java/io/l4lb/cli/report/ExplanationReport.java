package io.l4lb.cli.report;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.VipConfig;
import io.l4lb.config.access.AccessList;
import io.l4lb.explain.Explanation;
import io.l4lb.net.IpAddress;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

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
                putWay(fields, forwarded.vip(), forwarded.backend(), forwarded.outerSource(), forwarded.nextHop());
            }
            case Explanation.ByConnectionId routed -> {
                fields.put("outcome", "forward");
                fields.put("vip", routed.vip().name());
                fields.put("pool", routed.pool().name());
                fields.put("quicConfig", routed.scheme().id());
                fields.put("quicServerId", routed.serverId().toString());
                putWay(fields, routed.vip(), routed.backend(), routed.outerSource(), routed.nextHop());
            }
            case Explanation.NotByConnectionId not -> {
                fields.putAll(document(not.instead()));
                fields.put("quicUnroutable", not.why());
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

    private static void putWay(
            Map<String, Object> fields,
            VipConfig vip,
            BackendConfig backend,
            Optional<IpAddress> outerSource,
            String nextHop) {
        fields.put("backend", backend.name());
        fields.put("backendAddress", backend.address().toString());
        fields.put("encapsulation", vip.encapsulation().label());
        outerSource.ifPresent(source -> fields.put("outerSource", source.toString()));
        fields.put("nextHop", nextHop);
    }

    public static void print(Explanation explanation, PrintWriter out) {
        line(out, "flow", explanation.flow());
        printOutcome(explanation, out);
        out.flush();
    }

    private static void printOutcome(Explanation explanation, PrintWriter out) {
        switch (explanation) {
            case Explanation.Forwarded forwarded -> printForwarded(forwarded, out);
            case Explanation.Denied denied -> {
                line(out, "VIP", vip(denied.vip()));
                line(out, "access", access(denied.list(), explanation));
                line(out, "outcome", "dropped (access-denied)");
            }
            case Explanation.ByConnectionId routed -> printRouted(routed, out);
            case Explanation.NotByConnectionId not -> {
                line(out, "connection ID", "says nothing: " + not.why() + "; so the packet goes where its flow goes");
                printOutcome(not.instead(), out);
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
                                + "; goes to the kernel's side of the NIC; where there is none it is dropped"
                                + " (punt-unavailable), but UDP to a VIP's address is answered: port unreachable");
        }
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
        printWay(out, forwarded.vip(), forwarded.backend(), forwarded.outerSource(), forwarded.nextHop());
    }

    private static void printRouted(Explanation.ByConnectionId routed, PrintWriter out) {
        line(out, "VIP", vip(routed.vip()));
        line(
                out,
                "connection ID",
                "configuration " + routed.scheme().id() + " (" + routed.scheme().label() + "), server ID "
                        + routed.serverId());
        line(
                out,
                "backend",
                routed.backend().name() + " (" + routed.backend().address() + ", weight "
                        + routed.backend().weight() + "): it has that server ID, so the packet's flow does not matter");
        printWay(out, routed.vip(), routed.backend(), routed.outerSource(), routed.nextHop());
    }

    private static void printWay(
            PrintWriter out, VipConfig vip, BackendConfig backend, Optional<IpAddress> outerSource, String nextHop) {
        line(
                out,
                "outer header",
                outerSource
                        .map(source -> vip.encapsulation().label() + ", " + source + " -> " + backend.address())
                        .orElse("none: l2 rewrites the MAC addresses"));
        line(out, "next hop", nextHop);
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
