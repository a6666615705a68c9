package io.l4lb.demo;

import io.l4lb.demo.DemoReport.EventRow;
import io.l4lb.demo.DemoReport.Survival;
import io.l4lb.demo.checker.Checker;
import io.l4lb.demo.checker.EchoServers;
import io.l4lb.demo.checker.Upheaval;
import io.l4lb.demo.client.CheckedState;
import io.l4lb.demo.lab.Lab;
import io.l4lb.demo.lab.LabNode;
import io.l4lb.demo.lab.LabVip;
import io.l4lb.demo.lab.RouterRoutes;
import io.l4lb.demo.lab.Transfer;
import io.l4lb.demo.lab.Transfers;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What can happen to a node, each under running downloads: how long until the router stopped using it, and how many of the
 * downloads failed. On the thread of the demo.
 */
final class DemoEvents {
    static final int DOWNLOADS = 42;
    static final Duration BEFORE = Duration.ofMillis(1500);
    private static final Duration GONE_LIMIT = Duration.ofSeconds(5);
    private static final Duration BACK_LIMIT = Duration.ofSeconds(20);
    static final Duration DOWNLOAD_LIMIT = Duration.ofSeconds(25);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(15);
    private static final int CONNECTIONS = 300;
    /** A moved flow is answered by RST at once; silence only says that packets vanish, or that the machine is busy. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration CHECK_LIMIT = Duration.ofSeconds(40);

    private final Lab lab;
    private final RouterRoutes routes;
    private final List<LabNode> nodes;
    private final DemoText text;
    private final List<EventRow> rows = new ArrayList<>();

    /**
     * What nodes went through.
     *
     * @param rows each event
     * @param survival what the worst of them did to connections that were watched from both ends
     */
    record Events(List<EventRow> rows, Survival survival) {}

    /** Something that is done to the lab. */
    @FunctionalInterface
    interface Deed {
        void run() throws IOException, InterruptedException;
    }

    DemoEvents(Lab lab, RouterRoutes routes, List<LabNode> nodes, DemoText text) {
        this.lab = lab;
        this.routes = routes;
        this.nodes = nodes;
        this.text = text;
    }

    /** All events; leaves node1 as the only one. */
    Events run() throws IOException, InterruptedException {
        text.events(DOWNLOADS);
        allWell(1, 2, 3);
        event("drained", 3, () -> nodes.get(2).drain(true));
        nodes.get(2).drain(false);
        allWell(1, 2, 3);
        event("link cut silently", 1, () -> lab.cutLink(1));
        lab.mendLink(1);
        allWell(1, 2, 3);
        event("frozen (SIGSTOP)", 2, nodes.get(1)::freeze);
        nodes.get(1).thaw();
        allWell(1, 2, 3);
        Survival survival = killUnderConnections();
        allWell(1, 2); // a node that a busy machine held up withdraws for seconds: stopping the last one would fail all
        event("stopped in order", 2, nodes.get(1)::askToStop);
        int exitCode = nodes.get(1).stop(STOP_LIMIT);
        if (exitCode != 0) {
            throw new IOException("node2 ended with exit code " + exitCode + "; see "
                    + nodes.get(1).log());
        }
        return new Events(List.copyOf(rows), survival);
    }

    /** Node, router and Maglev tables change at once: only replicated flow state keeps the connections where they are. */
    private Survival killUnderConnections() throws IOException, InterruptedException {
        EchoServers.start(lab);
        try (Checker checker = Checker.start(lab, CONNECTIONS, PATIENCE)) {
            checker.awaitEstablished(CHECK_LIMIT);
            allWell(1, 2, 3);
            LabNode victim = nodes.get(2);
            event("killed (SIGKILL)", 3, () -> Upheaval.changeBackends(lab, nodes, victim), victim::kill);
            CheckedState state = checker.awaitVerdict(Instant.now(), CHECK_LIMIT);
            Survival survival = new Survival(CONNECTIONS, state.broken().size());
            text.survival(survival);
            return survival;
        }
    }

    /** The router uses these nodes, and they agree on the backends. */
    private void allWell(Integer... used) throws IOException, InterruptedException {
        routes.awaitNodes(Set.of(used), BACK_LIMIT);
        BackendEvents.awaitBackends(
                Stream.of(used).map(number -> nodes.get(number - 1)).toList());
    }

    private void event(String name, int node, Deed deed) throws IOException, InterruptedException {
        event(name, node, () -> {}, deed);
    }

    private void event(String name, int node, Deed before, Deed deed) throws IOException, InterruptedException {
        Transfers running = downloads(lab);
        Thread.sleep(BEFORE);
        before.run();
        routes.awaitUse(node, BACK_LIMIT); // a busy machine may have had it withdrawn meanwhile
        Instant since = Instant.now();
        deed.run();
        Duration gone = routes.untilGone(node, since, GONE_LIMIT);
        List<Transfer> ended = running.await(DOWNLOAD_LIMIT);
        int failed = (int) ended.stream().filter(transfer -> !transfer.ok()).count();
        EventRow row = new EventRow("node" + node + " " + name, gone.toMillis(), DOWNLOADS, failed);
        rows.add(row);
        text.event(row);
    }

    /** Starts {@link #DOWNLOADS} of them, over all VIPs, that last for some seconds. */
    static Transfers downloads(Lab lab) throws IOException {
        List<String> urls = Stream.generate(lab.vips()::stream)
                .flatMap(all -> all)
                .limit(DOWNLOADS)
                .map(LabVip::slowFile)
                .toList();
        return lab.request(urls, DOWNLOADS, DOWNLOAD_LIMIT);
    }
}
