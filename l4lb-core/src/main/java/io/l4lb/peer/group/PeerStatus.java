package io.l4lb.peer.group;

import io.l4lb.net.L4Address;
import io.l4lb.peer.LagMeter;
import io.l4lb.peer.PeerCounters;
import java.util.Optional;

/**
 * How a peer is.
 *
 * @param receiving of its journal: connecting, snapshot n %, following, caught up
 * @param sending of this node's journal: not connected, connecting, snapshot n %, following, caught up
 * @param hasCaughtUp whether it has ever, since it was configured, said that it has sent all that it had
 * @param unreachedMs since this node was last connected to it, 0 if it is; or since it was configured
 * @param problem what keeps this node from following it, or kept it last
 * @param counters live
 * @param lag from journaling here to applied there, of the last minute
 * @param unacknowledged batches sent to it that it has not applied yet
 * @param oldestNs how long ago the oldest of them was journaled; 0: none, or unknown
 */
public record PeerStatus(
        String id,
        L4Address address,
        String receiving,
        String sending,
        boolean hasCaughtUp,
        long unreachedMs,
        Optional<String> problem,
        PeerCounters counters,
        LagMeter.Lag lag,
        int unacknowledged,
        long oldestNs) {}
