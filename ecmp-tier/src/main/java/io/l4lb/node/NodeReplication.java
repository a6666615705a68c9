package io.l4lb.node;

import io.l4lb.config.L4lbConfig;
import io.l4lb.flow.FlowTimeouts;
import io.l4lb.forwarding.ForwardingNumbers;
import io.l4lb.journal.JournalException;
import io.l4lb.node.admin.StatusSection;
import io.l4lb.peer.tls.TlsFilesException;
import io.l4lb.pin.FlowTracker;
import io.l4lb.replication.Replication;
import java.io.IOException;
import java.util.Optional;
import java.util.function.IntFunction;

/** What of replication a node has: all of it with a section {@code replication}, nothing without. Control thread. */
final class NodeReplication implements AutoCloseable {
    private final Optional<Replication> replication;
    private final ForwardingNumbers numbers;

    /** Reads the journals, however long it takes; the node attracts no traffic yet. */
    NodeReplication(L4lbConfig config, ForwardingNumbers numbers) {
        this.numbers = numbers;
        try {
            replication = config.replication()
                    .map(section -> new Replication(
                            config.node().id(),
                            section,
                            config.node().stateDirectory(),
                            timeouts(config, numbers),
                            numbers.replicaNumbers(),
                            config.dataplane().workers()));
        } catch (JournalException e) {
            throw new NodeException("the journals of flow state cannot be used: " + e.getMessage(), e);
        }
    }

    /** By the numbers of the replica table, where all VIPs of an address and protocol have one. */
    private static FlowTimeouts timeouts(L4lbConfig config, ForwardingNumbers numbers) {
        return config.timeouts(vip ->
                numbers.replicaNumbers().vip(vip.address(), vip.protocol().number()));
    }

    /** {@return what each worker's pin stage is given} */
    IntFunction<Optional<FlowTracker>> trackers() {
        return worker -> replication.map(each -> each.tracker(worker));
    }

    /** Journals and follows the peers from now on. */
    void start(L4lbConfig config) {
        try {
            if (replication.isPresent()) {
                replication.get().start();
            }
        } catch (IOException e) {
            throw new NodeException(
                    "replication.listen: cannot listen on "
                            + config.replication().orElseThrow().listen() + ": " + e.getMessage(),
                    e);
        } catch (TlsFilesException | JournalException e) {
            throw new NodeException("replication: " + e.getMessage(), e);
        }
    }

    /**
     * Goes by another configuration. That a peer cannot be reached is no reason to refuse it: it is dialed again.
     *
     * @throws NodeException if it cannot be had; the one before is in force
     */
    void configure(L4lbConfig next) {
        try {
            if (replication.isPresent()) {
                replication.get().keepBy(timeouts(next, numbers));
                replication.get().apply(next.replication().orElseThrow());
            }
        } catch (IOException | TlsFilesException | JournalException e) {
            throw new NodeException("replication: " + e.getMessage(), e);
        }
    }

    /** {@return what of the section only a restart can change} */
    static String fixed(L4lbConfig config) {
        return config.replication().map(Replication::fixed).orElse(RestartKeys.ABSENT);
    }

    /** {@return whether flow state is as complete as it can be, so that the node may announce} */
    boolean isReady() {
        return replication.map(Replication::isReady).orElse(true);
    }

    /** {@return what {@code status} says of it} */
    Optional<StatusSection> status() {
        return replication.map(each -> StatusSection.of("replication", () -> ReplicationDocument.of(each.status())));
    }

    @Override
    public void close() {
        replication.ifPresent(Replication::close);
    }
}
