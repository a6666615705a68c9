package io.l4lb.demo;

import io.l4lb.demo.lab.Lab;
import io.l4lb.demo.lab.NodeCounters;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** All that people read of the demo: plain ASCII, at most 100 columns, no colour. */
final class DemoText {
    private static final String DRAWING = """
            l4lb demo: real TCP connections, DPDK in the middle, real nginx behind; all of it in network namespaces

                                  ECMP by L4 hash             encapsulated
              +--------+  request  +--------+ -----> +-------+ ---------------------> +----------+
              | client | --------> | router |        | node1 |   ipip, gue, gre, l2   | backend1 |
              |        | <-------- |        | -----> | node2 |                        | backend2 |
              +--------+  answer   +--------+        +-------+                        | backend3 |
                                        ^           DPDK on AF_XDP                    +----------+
                                        |                                         XDP decapsulates,
                                        +------ answer, straight from the backend - nginx has the VIP

              14 VIPs: ipip, gue and gre with every mix of IPv4 and IPv6 inside and outside, l2 with both.
            """;
    private static final String RULE = "-".repeat(88);

    private final PrintStream out;

    DemoText(PrintStream out) {
        this.out = out;
    }

    void drawing(Lab lab) {
        out.println(DRAWING);
        out.printf(Locale.ROOT, "  (after kill -9 of the demo: %s)%n%n", lab.removeCommand());
    }

    void waiting(String format, Object... values) {
        out.printf(Locale.ROOT, "  ... " + format + "%n", values);
        out.flush();
    }

    void step(String format, Object... values) {
        out.printf(Locale.ROOT, "  ok  " + format + "%n", values);
        out.flush();
    }

    void spread(Map<String, NodeCounters> nodes, Map<String, Long> connections) {
        out.printf(
                Locale.ROOT,
                "%n  How the router spread flows over nodes, and the nodes over backends (packets of clients):%n%n");
        out.printf(
                Locale.ROOT,
                "    %-8s %12s %12s %12s %12s %12s %10s%n",
                "",
                "packets in",
                "flows pinned",
                "to backend1",
                "to backend2",
                "to backend3",
                "drops");
        nodes.forEach((name, counters) -> out.printf(
                Locale.ROOT,
                "    %-8s %,12d %,12d %,12d %,12d %,12d %,10d%n",
                name,
                counters.rxPackets(),
                counters.flowMisses(),
                counters.backendPackets().getOrDefault("backend1", 0L),
                counters.backendPackets().getOrDefault("backend2", 0L),
                counters.backendPackets().getOrDefault("backend3", 0L),
                counters.drops().values().stream().mapToLong(Long::longValue).sum()));
        out.printf(
                Locale.ROOT,
                "    %-8s %12s %,12d %,12d %,12d %,12d   answered, says X-Backend%n%n",
                "clients",
                "",
                connections.values().stream().mapToLong(Long::longValue).sum(),
                connections.getOrDefault("backend1", 0L),
                connections.getOrDefault("backend2", 0L),
                connections.getOrDefault("backend3", 0L));
    }

    void removal(String backend, int downloads) {
        waiting("%d new downloads are running; %s is removed under them", downloads, backend);
    }

    void removed(DemoReport.Removal removal) {
        step(
                "downloads from %s: %d, of which %d were cut (its flows have lost their backend)",
                removal.backend(), removal.itsDownloads(), removal.itsDownloadsCut());
        line(
                removal.otherDownloadsCut() == 0,
                "downloads from the others: %d, of which %d were cut",
                removal.otherDownloads(),
                removal.otherDownloadsCut());
        line(
                removal.newRequestsToIt() == 0,
                "requests after the removal: %d, of which %d reached %s",
                removal.newRequests(),
                removal.newRequestsToIt(),
                removal.backend());
    }

    void summary(DemoReport report) {
        out.printf(
                Locale.ROOT,
                "%n  %-10s %-30s %8s %6s %6s %8s %8s %9s%n",
                "VIP",
                "URL",
                "requests",
                "ok",
                "failed",
                "p50 ms",
                "p99 ms",
                "backends");
        out.printf(Locale.ROOT, "  %s%n", RULE);
        report.vips()
                .forEach(vip -> out.printf(
                        Locale.ROOT,
                        "  %-10s %-30s %8d %6d %6d %8.1f %8.1f %9d%n",
                        vip.name(),
                        vip.url(),
                        vip.requests(),
                        vip.ok(),
                        vip.failed(),
                        vip.p50Ms(),
                        vip.p99Ms(),
                        vip.backends()));
        out.printf(Locale.ROOT, "  %s%n", RULE);
        out.printf(
                Locale.ROOT,
                "  %s: %d requests, %d failed that should not have; %s%n",
                report.ok() ? "OK" : "FAILED",
                report.requests(),
                report.failed(),
                report.removal().otherDownloadsCut() == 0
                        ? "the removal of " + report.removal().backend() + " touched no flow of another backend"
                        : "the removal of " + report.removal().backend() + " touched flows of other backends");
    }

    void broke(String message) {
        out.printf(Locale.ROOT, "%n  FAILED: %s%n", message);
    }

    void logsAre(Path directory) {
        out.printf(Locale.ROOT, "  The logs of nodes, nginx and curl are in %s%n", directory);
    }

    private void line(boolean ok, String format, Object... values) {
        out.printf(Locale.ROOT, (ok ? "  ok  " : "  BAD ") + format + "%n", values);
    }
}
