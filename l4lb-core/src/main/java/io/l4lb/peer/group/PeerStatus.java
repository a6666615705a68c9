package io.l4lb.peer.group;

import io.l4lb.net.L4Address;
import io.l4lb.peer.LagMeter;
import io.l4lb.peer.PeerCounters;
import java.time.Instant;
import java.util.Optional;

/**
 * How a peer is.
 *
 * @param isFollowed whether it is connected, and has said that it had sent all; what it says now comes as it says it
 * @param receiving of its journal: connecting, snapshot n %, following, caught up
 * @param sending of this node's journal: not connected, connecting, snapshot n %, following, caught up
 * @param hasCaughtUp whether it has ever, since it was configured, said that it has sent all that it had
 * @param unreachedMs since this node was last connected to it, 0 if it is; or since it was configured
 * @param problem what keeps this node from following it
 * @param following what keeps this node from following it, or kept it last
 * @param feeding what kept this node from sending to it last
 * @param counters live
 * @param lag from journaling here to applied there, of the last minute
 * @param unacknowledged batches sent to it that it has not applied yet
 * @param oldestNs how long ago the oldest of them was journaled; 0: none, or unknown
 */
public record PeerStatus(
        String id,
        L4Address address,
        boolean isFollowed,
        String receiving,
        String sending,
        boolean hasCaughtUp,
        long unreachedMs,
        Optional<String> problem,
        Optional<Trouble> following,
        Optional<Trouble> feeding,
        PeerCounters counters,
        LagMeter.Lag lag,
        int unacknowledged,
        long oldestNs) {
    /**
     * What is or was wrong.
     *
     * @param since by the wall clock; it may have come again and again since
     * @param until empty: it lasts
     */
    public record Trouble(String words, Instant since, Optional<Instant> until) {
        Trouble isOver() {
            return new Trouble(words, since, Optional.of(Instant.now()));
        }
    }
}
