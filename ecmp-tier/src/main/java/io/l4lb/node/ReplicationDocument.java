package io.l4lb.node;

import io.l4lb.peer.Ending;
import io.l4lb.peer.PeerCounters;
import io.l4lb.peer.group.PeerStatus;
import io.l4lb.replication.ReplicationStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What {@code status} and {@code peers} say of replication: maps, lists, strings, numbers, booleans in the order to print. */
final class ReplicationDocument {
    private static final double NS_PER_MS = 1e6;
    private static final int TENTHS = 10;

    private ReplicationDocument() {}

    static Map<String, Object> of(ReplicationStatus status) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("ready", status.ready());
        document.put("caughtUp", status.isCaughtUp());
        document.put("journaling", status.problem().isEmpty());
        document.put("problem", status.problem().orElse(""));
        document.put("journalProblems", status.journalProblems());
        document.put("flows", status.flows());
        document.put("flowsMax", status.flowsMax());
        document.put("evictions", status.evictions());
        document.put("refusals", status.refusals());
        document.put("eventsJournaled", status.events());
        document.put("eventsPerSecond", tenths(status.eventsPerSecond()));
        document.put("eventsLost", status.lostEvents());
        document.put("rateSeconds", ReplicationStatus.RATE_WINDOW_SECONDS);
        document.put("batchesJournaled", status.batches());
        document.put("diskBytes", status.diskBytes());
        document.put("diskBytesMax", status.diskBytesMax());
        document.put("checkpointPercent", status.checkpointPercent());
        document.put("recoveredFlows", status.recoveredFlows());
        document.put("recoverySeconds", tenths(status.recoverySeconds()));
        document.put("tlsProblem", status.tlsProblem().orElse(""));
        document.put("callersRefused", endings(status.callers()));
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
        row.put("problem", link.problem().orElse(peer.problem()));
        put(row, "lastProblem", link.following());
        put(row, "sendingProblem", link.feeding());
        row.put("eventsApplied", peer.appliedEvents());
        row.put("eventsAppliedPerSecond", tenths(peer.appliedPerSecond()));
        row.put("badBatches", peer.badBatches());
        row.put("batchesUnacknowledged", link.unacknowledged());
        row.put("oldestUnacknowledgedMs", milliseconds(link.oldestNs()));
        row.put("lagBatches", link.lag().batches());
        row.put("lagP50Ms", milliseconds(link.lag().p50Ns()));
        row.put("lagP99Ms", milliseconds(link.lag().p99Ns()));
        for (PeerCounters.Count count : PeerCounters.Count.values()) {
            row.put(count.label(), link.counters().get(count));
        }
        endings(link.counters()).forEach((label, count) -> row.put("ended: " + label, count));
        return row;
    }

    /** Also when it is over: what came and went in the night. */
    private static void put(Map<String, Object> row, String key, Optional<PeerStatus.Trouble> trouble) {
        trouble.ifPresent(was -> {
            row.put(key, was.words());
            row.put(key + "Since", seconds(was.since()));
            row.put(key + "Until", was.until().map(ReplicationDocument::seconds).orElse(""));
        });
    }

    private static String seconds(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static Map<String, Object> endings(PeerCounters counters) {
        Map<String, Object> endings = new LinkedHashMap<>();
        for (Ending ending : Ending.values()) {
            if (counters.endings(ending) > 0) {
                endings.put(ending.label(), counters.endings(ending));
            }
        }
        return endings;
    }

    private static double milliseconds(long ns) {
        return tenths(ns / NS_PER_MS);
    }

    private static double tenths(double value) {
        return (double) Math.round(value * TENTHS) / TENTHS;
    }
}
