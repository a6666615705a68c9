package io.l4lb.demo;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;

import io.l4lb.demo.lab.Lab;
import io.l4lb.demo.lab.LabNode;
import io.l4lb.demo.lab.LabVip;
import io.l4lb.demo.lab.NodeCounters;
import io.l4lb.demo.lab.RouterRoutes;
import io.l4lb.demo.lab.Transfer;
import io.l4lb.demo.lab.Transfers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The steps of the demo, in order, on one thread. */
final class DemoRun {
    private static final int NODES = 3;
    private static final String REMOVED = "backend2";

    /** Per VIP. Enough for a p99 to be more than the maximum of a few, few enough for two shared cores. */
    private static final int REQUESTS = 24;

    private static final int REQUESTS_AT_ONCE = 14;

    /** Per VIP, while the backend is removed: with three backends, about one on each. */
    private static final int DOWNLOADS = 3;

    private static final Duration READY_LIMIT = Duration.ofSeconds(90);
    private static final Duration ROUTES_LIMIT = Duration.ofSeconds(30);
    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(8);
    private static final Duration DOWNLOAD_LIMIT = Duration.ofSeconds(18);
    private static final Duration RELOAD_LIMIT = Duration.ofSeconds(5);

    /** curl ends its transfers itself; what does not is stopped a little later. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Lab lab;
    private final DemoText text;
    private final List<Transfer> pages = new ArrayList<>();
    private final List<Transfer> downloads = new ArrayList<>();
    private final List<LabNode> nodes = new ArrayList<>();
    private RouterRoutes routes;

    DemoRun(Lab lab, DemoText text) {
        this.lab = lab;
        this.text = text;
    }

    DemoReport run() throws IOException, InterruptedException {
        text.drawing(lab);
        build();
        List<LabVip> vips = lab.vips();
        balance(vips);
        Map<String, NodeCounters> counters = counters();
        Map<String, Long> connections = byBackend(Stream.concat(pages.stream(), downloads.stream()));
        text.spread(counters, connections);
        DemoReport.Removal removal = remove(vips);
        restore();
        List<DemoReport.BackendRow> backendEvents = new BackendEvents(lab, nodes, text).run();
        DemoEvents.Events events = new DemoEvents(lab, routes, nodes, text).run();
        List<DemoReport.VipRow> rows = vips.stream().map(this::row).toList();
        return new DemoReport(rows, counters, connections, removal, backendEvents, events.rows(), events.survival());
    }

    private void build() throws IOException, InterruptedException {
        routes = lab.upWithBgp(NODES);
        text.step("lab is up: client, router, %d nodes, 3 backends with nginx; BIRD on router and nodes", NODES);
        long startNs = System.nanoTime();
        for (int number = 1; number <= NODES; number++) {
            nodes.add(lab.startNode(number));
        }
        for (LabNode node : nodes) {
            text.waiting("%s is starting (JVM, DPDK, XDP program on its interface)", node.name());
            node.awaitReady(READY_LIMIT);
            text.step("%s forwards, %.1f s after its start", node.name(), (System.nanoTime() - startNs) / 1e9);
        }
        text.waiting("BGP: the router learns the VIPs from the nodes");
        routes.awaitNodes(IntStream.rangeClosed(1, NODES).boxed().collect(toSet()), ROUTES_LIMIT);
        text.step("the router has a next hop to each node for all VIPs, BFD 50 ms x 3 on each session");
    }

    /** One long download per VIP, and many short requests meanwhile. */
    private void balance(List<LabVip> vips) throws IOException, InterruptedException {
        Transfers running = lab.request(urls(vips, 1, true), vips.size(), DOWNLOAD_LIMIT);
        text.waiting("%d requests per VIP, each a TCP connection of its own, %d at a time", REQUESTS, REQUESTS_AT_ONCE);
        pages.addAll(lab.request(urls(vips, REQUESTS, false), REQUESTS_AT_ONCE, REQUEST_LIMIT)
                .await(DOWNLOAD_LIMIT.plus(GRACE)));
        text.step("%d of %d requests answered", count(pages), pages.size());
        text.waiting("one download of 4 MiB per VIP, 8 s long, all at once");
        downloads.addAll(running.await(DOWNLOAD_LIMIT.plus(GRACE)));
        text.step("%d of %d downloads complete", count(downloads), downloads.size());
    }

    private Map<String, NodeCounters> counters() throws IOException, InterruptedException {
        Map<String, NodeCounters> counters = new TreeMap<>();
        for (LabNode node : nodes) {
            counters.put(node.name(), node.counters());
        }
        return counters;
    }

    private DemoReport.Removal remove(List<LabVip> vips) throws IOException, InterruptedException {
        Transfers running = lab.request(urls(vips, DOWNLOADS, true), vips.size() * DOWNLOADS, DOWNLOAD_LIMIT);
        text.removal(REMOVED, vips.size() * DOWNLOADS);
        Thread.sleep(Duration.ofSeconds(2));
        lab.removeBackend(REMOVED);
        reload();
        text.step("%s is out of the configuration, all nodes have reloaded it (SIGHUP)", REMOVED);
        List<Transfer> after = lab.request(urls(vips, DOWNLOADS * 2, false), REQUESTS_AT_ONCE, REQUEST_LIMIT)
                .await(DOWNLOAD_LIMIT.plus(GRACE));
        pages.addAll(after);
        List<Transfer> whileRemoved = running.await(DOWNLOAD_LIMIT.plus(GRACE));
        DemoReport.Removal removal = removal(whileRemoved, after);
        whileRemoved.stream()
                .filter(transfer -> !transfer.backend().equals(REMOVED))
                .forEach(downloads::add);
        text.removed(removal);
        return removal;
    }

    private void restore() throws IOException, InterruptedException {
        lab.restoreBackends();
        reload();
        text.step("%s is in the configuration again", REMOVED);
    }

    private void reload() throws IOException, InterruptedException {
        for (LabNode node : nodes) {
            if (!node.reload(RELOAD_LIMIT)) {
                throw new IOException(node.name() + " has not reloaded its configuration; see " + node.log());
            }
        }
    }

    private static DemoReport.Removal removal(List<Transfer> downloads, List<Transfer> after) {
        List<Transfer> its = downloads.stream().filter(DemoRun::isOfRemoved).toList();
        int others = downloads.size() - its.size();
        int cut = downloads.size() - count(downloads);
        int itsCut = its.size() - count(its);
        int afterToIt = (int) after.stream().filter(DemoRun::isOfRemoved).count();
        return new DemoReport.Removal(REMOVED, its.size(), itsCut, others, cut - itsCut, after.size(), afterToIt);
    }

    private static boolean isOfRemoved(Transfer transfer) {
        return transfer.backend().equals(REMOVED);
    }

    private DemoReport.VipRow row(LabVip vip) {
        List<Transfer> its = Stream.concat(pages.stream(), downloads.stream())
                .filter(transfer -> transfer.of(vip))
                .toList();
        double[] ms = pages.stream()
                .filter(page -> page.of(vip) && page.ok())
                .mapToDouble(page -> page.seconds() * 1e3)
                .sorted()
                .toArray();
        int ok = count(its);
        int backends = byBackend(its.stream()).size();
        return new DemoReport.VipRow(
                vip.name(), vip.page(), its.size(), ok, its.size() - ok, at(ms, 50), at(ms, 99), backends);
    }

    /** {@return the smallest value that {@code percent} of the sorted values do not exceed, in tenths; 0 if none} */
    private static double at(double[] sorted, int percent) {
        if (sorted.length == 0) {
            return 0;
        }
        return Math.round(sorted[Math.max(0, (sorted.length * percent + 99) / 100 - 1)] * 10) / 10.0;
    }

    /** Round robin over the VIPs, so that all of them are busy at any time. */
    private static List<String> urls(List<LabVip> vips, int perVip, boolean large) {
        return Stream.generate(vips::stream)
                .limit(perVip)
                .flatMap(all -> all)
                .map(vip -> large ? vip.largeFile() : vip.page())
                .toList();
    }

    private static int count(List<Transfer> transfers) {
        return (int) transfers.stream().filter(Transfer::ok).count();
    }

    private static Map<String, Long> byBackend(Stream<Transfer> transfers) {
        return transfers.filter(Transfer::ok).collect(groupingBy(Transfer::backend, TreeMap::new, counting()));
    }
}
