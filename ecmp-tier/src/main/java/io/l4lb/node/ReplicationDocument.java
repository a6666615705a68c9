package io.l4lb.node;

import io.l4lb.peer.Ending;
import io.l4lb.peer.PeerCounters;
import io.l4lb.peer.group.PeerStatus;
import io.l4lb.replication.ReplicationStatus;
import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code status} and {@code peers} say of replication: maps, lists, strings, numbers, booleans in the order to print. */
final class ReplicationDocument {
    private static final double NS_PER_MS = 1e6;
    private static final int TENTHS = 10;

    private ReplicationDocument() {}

    static Map<String, Object> of(ReplicationStatus status) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("caughtUp", status.ready());
        document.put("journaling", status.problem().isEmpty());
        document.put("problem", status.problem().orElse(""));
        document.put("journalProblems", status.journalProblems());
        document.put("flows", status.flows());
        document.put("flowsMax", status.flowsMax());
        document.put("evictions", status.evictions());
        document.put("refusals", status.refusals());
        document.put("eventsJournaled", status.events());
        document.put("eventsLost", status.lostEvents());
        document.put("batchesJournaled", status.batches());
        document.put("diskBytes", status.diskBytes());
        document.put("diskBytesMax", status.diskBytesMax());
        document.put("checkpointPercent", status.checkpointPercent());
        document.put("recoveredFlows", status.recoveredFlows());
        document.put("recoverySeconds", tenths(status.recoverySeconds()));
        document.put(
                "peers", status.peers().stream().map(ReplicationDocument::of).toList());
        return document;
    }

    private static Map<String, Object> of(ReplicationStatus.Peer peer) {
        PeerStatus link = peer.link();
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("id", link.id());
        row.put("address", link.address().toString());
        row.put("receiving", link.receiving());
        row.put("sending", link.sending());
        row.put("caughtUp", peer.caughtUp());
        row.put("problem", link.problem().orElse(""));
        row.put("eventsApplied", peer.appliedEvents());
        row.put("badBatches", peer.badBatches());
        row.put("batchesUnacknowledged", link.unacknowledged());
        row.put("oldestUnacknowledgedMs", milliseconds(link.oldestNs()));
        row.put("lagBatches", link.lag().batches());
        row.put("lagP50Ms", milliseconds(link.lag().p50Ns()));
        row.put("lagP99Ms", milliseconds(link.lag().p99Ns()));
        for (PeerCounters.Count count : PeerCounters.Count.values()) {
            row.put(count.label(), link.counters().get(count));
        }
        for (Ending ending : Ending.values()) {
            if (link.counters().endings(ending) > 0) {
                row.put("ended: " + ending.label(), link.counters().endings(ending));
            }
        }
        return row;
    }

    private static double milliseconds(long ns) {
        return tenths(ns / NS_PER_MS);
    }

    private static double tenths(double value) {
        return (double) Math.round(value * TENTHS) / TENTHS;
    }
}
