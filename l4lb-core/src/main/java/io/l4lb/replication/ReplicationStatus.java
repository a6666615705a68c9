package io.l4lb.replication;

import io.l4lb.counters.EventRate;
import io.l4lb.peer.PeerCounters;
import io.l4lb.peer.group.PeerStatus;
import java.util.List;
import java.util.Optional;

/**
 * How replication goes, for {@code status}, {@code peers} and metrics.
 *
 * @param ready whether it lets the node announce; true for ever once it was
 * @param flows in the replica table, of at most {@code flowsMax}
 * @param evictions of live flows, none of them proven, for want of room in it
 * @param refusals of new flows, as all that could have gone were proven
 * @param events journaled since the start; {@code lostEvents}: that could not be
 * @param eventsPerSecond journaled, of the last {@link #RATE_WINDOW_SECONDS}
 * @param batches journaled since the start
 * @param checkpointPercent of the checkpoint under way, 100: none is
 * @param recoveredFlows at the start, within {@code recoverySeconds}
 * @param journalProblems since the start: files of journals that were set aside, and failures to bring them to the disk
 * @param problem why nothing is journaled
 * @param tlsProblem what is wrong with the TLS files as they are now, while those before are in use
 * @param callers live: what became of connections of which nobody has shown to be a peer
 */
public record ReplicationStatus(
        boolean ready,
        long flows,
        long flowsMax,
        long evictions,
        long refusals,
        long events,
        double eventsPerSecond,
        long lostEvents,
        long batches,
        long diskBytes,
        long diskBytesMax,
        int checkpointPercent,
        long recoveredFlows,
        double recoverySeconds,
        int journalProblems,
        Optional<String> problem,
        Optional<String> tlsProblem,
        PeerCounters callers,
        List<Peer> peers) {
    /** What rates are taken over. */
    public static final int RATE_WINDOW_SECONDS = EventRate.WINDOW_SECONDS;

    /** {@return whether the node has, now, what all its peers say} */
    public boolean isCaughtUp() {
        return peers.stream().allMatch(Peer::caughtUp);
    }

    /**
     * A peer.
     *
     * @param link how the connections to and from it are
     * @param caughtUp whether it is connected, had sent all, and what it has said since is applied soon after it was said
     * @param problem why what it says is not applied; empty: it is
     * @param appliedEvents of it, since the start
     * @param appliedPerSecond of the last {@link #RATE_WINDOW_SECONDS}
     * @param badBatches of it that were none
     */
    public record Peer(
            PeerStatus link,
            boolean caughtUp,
            String problem,
            long appliedEvents,
            double appliedPerSecond,
            long badBatches) {}
}
