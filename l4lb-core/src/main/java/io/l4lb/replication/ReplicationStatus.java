package io.l4lb.replication;

import io.l4lb.peer.group.PeerStatus;
import java.util.List;
import java.util.Optional;

/**
 * How replication goes, for {@code status}, {@code peers} and metrics.
 *
 * @param ready whether it lets the node announce
 * @param flows in the replica table, of at most {@code flowsMax}
 * @param evictions of live flows, none of them proven, for want of room in it
 * @param refusals of new flows, as all that could have gone were proven
 * @param events journaled since the start; {@code lostEvents}: that could not be
 * @param batches journaled since the start
 * @param checkpointPercent of the checkpoint under way, 100: none is
 * @param recoveredFlows at the start, within {@code recoverySeconds}
 * @param journalProblems since the start: files of journals that were set aside, and failures to bring them to the disk
 * @param problem why nothing is journaled
 */
public record ReplicationStatus(
        boolean ready,
        long flows,
        long flowsMax,
        long evictions,
        long refusals,
        long events,
        long lostEvents,
        long batches,
        long diskBytes,
        long diskBytesMax,
        int checkpointPercent,
        long recoveredFlows,
        double recoverySeconds,
        int journalProblems,
        Optional<String> problem,
        List<Peer> peers) {
    /**
     * A peer.
     *
     * @param link how the connections to and from it are
     * @param caughtUp whether all is applied that it had when it was last connected to
     * @param appliedEvents of it, since the start
     * @param badBatches of it that were none
     */
    public record Peer(PeerStatus link, boolean caughtUp, long appliedEvents, long badBatches) {}
}
