package io.l4lb.demo;

import io.l4lb.demo.lab.Lab;
import io.l4lb.demo.lab.NodeCounters;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** All that people read of the demo: plain ASCII, at most 100 columns, no colour. */
final class DemoText {
    private static final String DRAWING = """
            l4lb demo: real TCP, DPDK in the middle, real nginx behind; all of it in network namespaces

                                  ECMP by L4 hash             encapsulated
              +--------+  request  +--------+ -----> +-------+ ---------------------> +----------+
              | client | --------> | router | -----> | node1 |   ipip, gue, gre, l2   | backend1 |
              |        | <-------- |  BIRD  |        | node2 |                        | backend2 |
              +--------+  answer   +--------+ -----> | node3 |                        | backend3 |
                                        ^  ^         +-------+                        +----------+
                                        |  +-- BGP ---- BIRD, DPDK on AF_XDP
                                        |                                         XDP decapsulates,
                                        +------ answer, straight from the backend - nginx has the VIP

              14 VIPs: ipip, gue and gre with every mix of IPv4 and IPv6 inside and outside, l2 with both.
            """;
    private static final String RULE = "-".repeat(91);

    private final PrintStream out;

    DemoText(PrintStream out) {
        this.out = out;
    }

    void drawing(Lab lab) {
        out.println(DRAWING);
        line("  (after kill -9 of the demo: %s)%n", lab.removeCommand());
    }

    void waiting(String format, Object... values) {
        line("  ... " + format, values);
    }

    void step(String format, Object... values) {
        line("  ok  " + format, values);
    }

    void spread(Map<String, NodeCounters> nodes, Map<String, Long> connections) {
        line("%n  How the router spread flows over nodes, and the nodes over backends:%n");
        line("  %-7s%11s%13s%7s   %s", "", "packets in", "flows pinned", "drops", "packets out");
        nodes.forEach((name, counters) -> line(
                "  %-7s%,11d%,13d%,7d   %s",
                name,
                counters.rxPackets(),
                counters.flowMisses(),
                counters.drops().values().stream().mapToLong(Long::longValue).sum(),
                byBackend(counters.backendPackets())));
        long answers = connections.values().stream().mapToLong(Long::longValue).sum();
        line("  %,d connections, by the X-Backend of their answers: %s%n", answers, byBackend(connections));
    }

    private static String byBackend(Map<String, Long> values) {
        return values.entrySet().stream()
                .map(entry -> String.format(Locale.ROOT, "%s %,d", entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    void removal(String backend, int downloads) {
        waiting("%d new downloads are running; %s is removed under them", downloads, backend);
    }

    void removed(DemoReport.Removal removal) {
        step(
                "downloads from %s: %d, of which %d were cut (its flows have lost their backend)",
                removal.backend(), removal.itsDownloads(), removal.itsDownloadsCut());
        check(
                removal.otherDownloadsCut() == 0,
                "downloads from the others: %d, of which %d were cut",
                removal.otherDownloads(),
                removal.otherDownloadsCut());
        check(
                removal.newRequestsToIt() == 0,
                "requests after the removal: %d, of which %d reached %s",
                removal.newRequests(),
                removal.newRequestsToIt(),
                removal.backend());
    }

    void backendEvents(int downloads, int newPerSecond) {
        waiting("what can happen to a backend, each under %d running downloads", downloads);
        waiting("and %d new connections a second; health checks: 3 x 0.5 s, through the tunnel", newPerSecond);
    }

    void backendEvent(DemoReport.BackendRow event) {
        check(
                event.otherDownloadsFailed() == 0,
                "%-26s no new flow to it after %4d ms, and again %4d ms after its cure",
                event.name() + ":",
                event.unusedMs(),
                event.backMs());
        line(
                "      failed: %d of the %d downloads it served, %d of the %d others, %d of %d new connections",
                event.downloadsFailed(),
                event.downloads(),
                event.otherDownloadsFailed(),
                event.otherDownloads(),
                event.newFlowsFailed(),
                event.newFlows());
    }

    void events(int downloads) {
        waiting("what can happen to a node, each under %d running downloads over all nodes", downloads);
    }

    void event(DemoReport.EventRow event) {
        check(
                event.failed() == 0,
                "%-26s router stopped using it after %4d ms; %d of %d downloads failed",
                event.name() + ":",
                event.goneMs(),
                event.failed(),
                event.downloads());
    }

    void survival(DemoReport.Survival survival) {
        check(
                survival.broken() == 0,
                "at the same moment a backend added, another's weight changed: %d of %d connections broke",
                survival.broken(),
                survival.connections());
    }

    void summary(DemoReport report) {
        line(
                "%n  %-10s %-24s%10s%8s%8s%10s%10s%10s",
                "VIP", "URL", "requests", "ok", "failed", "p50 ms", "p99 ms", "backends");
        line("  %s", RULE);
        report.vips()
                .forEach(vip -> line(
                        "  %-10s %-24s%10d%8d%8d%10.1f%10.1f%10d",
                        vip.name(),
                        vip.url(),
                        vip.requests(),
                        vip.ok(),
                        vip.failed(),
                        vip.p50Ms(),
                        vip.p99Ms(),
                        vip.backends()));
        line("  %s", RULE);
        line(
                "  %s: %d requests and downloads, %d failed that should not have;",
                report.ok() ? "OK" : "FAILED", report.requests(), report.failed());
        DemoReport.Removal removal = report.removal();
        line(
                "      of %d connections %d broke when a node was killed and the backends changed at once;",
                report.survival().connections(), report.survival().broken());
        line(
                "      the removal of %s touched %d flows of its own and %d of other backends",
                removal.backend(), removal.itsDownloadsCut(), removal.otherDownloadsCut());
    }

    void broke(String message) {
        line("%n  FAILED: %s", message);
    }

    void interrupted() {
        line("%n  interrupted; the lab is removed");
    }

    void logsAre(Path directory) {
        line("  The logs of nodes, nginx and curl are in %s", directory);
    }

    private void check(boolean ok, String format, Object... values) {
        line((ok ? "  ok  " : "  BAD ") + format, values);
    }

    private void line(String format, Object... values) {
        out.printf(Locale.ROOT, format + "%n", values);
        out.flush();
    }
}
