package io.l4lb.demo;

import io.l4lb.demo.DemoReport.BackendRow;
import io.l4lb.demo.client.Knock;
import io.l4lb.demo.lab.Knocks;
import io.l4lb.demo.lab.Lab;
import io.l4lb.demo.lab.LabNode;
import io.l4lb.demo.lab.Transfer;
import io.l4lb.demo.lab.Transfers;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What can happen to a backend, each under running downloads and a stream of new connections: how long until the nodes sent no
 * new flow there any more, what failed, and that it is used again when it is well. On the thread of the demo.
 */
final class BackendEvents {
    private static final int NEW_PER_SECOND = 50;
    private static final Duration UNUSED_LIMIT = Duration.ofSeconds(15);
    private static final Duration BACK_LIMIT = Duration.ofSeconds(15);

    private final Lab lab;
    private final List<LabNode> nodes;
    private final DemoText text;
    private final List<BackendRow> rows = new ArrayList<>();

    BackendEvents(Lab lab, List<LabNode> nodes, DemoText text) {
        this.lab = lab;
        this.nodes = nodes;
        this.text = text;
    }

    /** All events; leaves all backends as they were. */
    List<BackendRow> run() throws IOException, InterruptedException {
        text.backendEvents(DemoEvents.DOWNLOADS, NEW_PER_SECOND);
        event(1, "nginx killed", () -> lab.killNginx(1), () -> lab.startNginx(1));
        event(3, "tunnel broken", () -> lab.breakTunnel(3), () -> lab.mendTunnel(3));
        return List.copyOf(rows);
    }

    private void event(int number, String what, DemoEvents.Deed deed, DemoEvents.Deed undo)
            throws IOException, InterruptedException {
        String backend = "backend" + number;
        awaitBackends(nodes);
        try (Knocks knocks = lab.knock(NEW_PER_SECOND)) {
            Transfers running = DemoEvents.downloads(lab);
            Thread.sleep(DemoEvents.BEFORE);
            Instant since = Instant.now();
            deed.run();
            Duration unused = knocks.untilNoMore(since, Knock::metDeadBackend, UNUSED_LIMIT);
            List<Knock> meanwhile = knocks.soFar().stream()
                    .filter(knock -> knock.startedAfter(since))
                    .toList();
            Instant well = Instant.now();
            undo.run();
            Knock first = knocks.await(well, knock -> knock.backend().equals(backend), BACK_LIMIT);
            List<Transfer> ended = running.await(DemoEvents.DOWNLOAD_LIMIT);
            BackendRow row = row(backend + " " + what, backend, ended, meanwhile)
                    .withTimes(unused.toMillis(), first.startMs() - well.toEpochMilli());
            rows.add(row);
            text.backendEvent(row);
        }
    }

    static void awaitBackends(List<LabNode> nodes) throws IOException, InterruptedException {
        for (LabNode node : nodes) {
            node.awaitBackends(BACK_LIMIT);
        }
    }

    private static BackendRow row(String name, String backend, List<Transfer> downloads, List<Knock> meanwhile) {
        List<Transfer> its = downloads.stream()
                .filter(download -> download.backend().equals(backend))
                .toList();
        int itsFailed = failed(its);
        return new BackendRow(
                name,
                0,
                0,
                its.size(),
                itsFailed,
                downloads.size() - its.size(),
                failed(downloads) - itsFailed,
                meanwhile.size(),
                (int) meanwhile.stream().filter(knock -> !knock.answered()).count());
    }

    private static int failed(List<Transfer> downloads) {
        return (int) downloads.stream().filter(download -> !download.ok()).count();
    }
}
