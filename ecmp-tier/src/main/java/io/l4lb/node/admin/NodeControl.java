package io.l4lb.node.admin;

import io.l4lb.node.control.BackendKey;
import io.l4lb.node.control.BackendStates;
import io.l4lb.node.control.NodeDrain;
import io.l4lb.node.control.OperatorFile;
import io.l4lb.node.control.OperatorSettings;
import io.l4lb.node.control.TablePublisher;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the operator may change while the node runs. First written to the state directory, then done; a disk that fails
 * costs the memory of it, and is said, but does not keep the operator from draining. Any thread.
 */
public final class NodeControl {
    private static final Logger LOG = LoggerFactory.getLogger(NodeControl.class);
    private static final long TAKEN_LIMIT_NS = TimeUnit.SECONDS.toNanos(1);

    private final BackendStates states;
    private final OperatorFile file;
    private final TablePublisher publisher;
    private final List<NodeDrain> nodeDrains;
    private OperatorSettings written;

    /**
     * @param nodeDrains told when the node is drained or taken back; at start they ask {@link #isNodeDrained}. None: nobody
     *     announces this node's VIPs, and the answer says so
     */
    public NodeControl(BackendStates states, OperatorFile file, TablePublisher publisher, List<NodeDrain> nodeDrains) {
        this.states = states;
        this.file = file;
        this.publisher = publisher;
        this.nodeDrains = List.copyOf(nodeDrains);
        this.written = states.settings();
    }

    public boolean isNodeDrained() {
        return states.settings().nodeDrained();
    }

    synchronized Map<String, Object> drainNode(boolean drained) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("node", drained ? "drained" : "serving");
        document.put("does", whatItDoes(drained));
        nodeDrains.forEach(each -> each.nodeDrained(drained)); // first: routers need not wait for the disk
        apply(states.settings().withNodeDrained(drained), document);
        LOG.info("the operator has {} this node", drained ? "drained" : "undrained");
        return document;
    }

    private String whatItDoes(boolean drained) {
        if (nodeDrains.isEmpty()) {
            return drained
                    ? "nothing is withdrawn: the configuration has no section announce, so this node only shows as drained; it"
                            + " forwards what comes until the routes to it are taken away where they are made"
                    : "nothing is announced: the configuration has no section announce, so this node only shows as serving";
        }
        return drained
                ? "its VIPs are withdrawn; it forwards what still comes"
                : "its VIPs are announced again as soon as they can be served";
    }

    synchronized Map<String, Object> drain(BackendKey backend, boolean drained) {
        require(backend);
        Map<String, Object> document = document(backend);
        apply(states.settings().withDrained(backend, drained), document);
        publish(document);
        LOG.info("the operator has {} backend {}", drained ? "drained" : "undrained", backend);
        return complete(document, backend);
    }

    synchronized Map<String, Object> weight(BackendKey backend, OptionalInt weight) {
        require(backend);
        Map<String, Object> document = document(backend);
        apply(states.settings().withWeight(backend, weight), document);
        publish(document);
        LOG.info(
                "the operator has set the weight of backend {} to {}",
                backend,
                weight.isPresent() ? weight.getAsInt() : "the configured one");
        return complete(document, backend);
    }

    private void require(BackendKey backend) {
        if (!states.knows(backend)) {
            throw new AdminException(
                    AdminException.NOT_FOUND,
                    "no backend " + backend + ": expected POOL/NAME as ./l4lb backends lists them");
        }
    }

    private static Map<String, Object> document(BackendKey backend) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("pool", backend.pool());
        document.put("backend", backend.backend());
        return document;
    }

    private void apply(OperatorSettings next, Map<String, Object> document) {
        document.put("kept", true);
        try {
            file.write(next);
            written = next;
        } catch (IOException e) {
            LOG.error("{} cannot be written, a restart will forget this: {}", OperatorFile.NAME, e.toString());
            document.put("kept", false);
            document.put("warning", "done, but a restart will forget it: " + e);
        }
        states.operate(next);
    }

    /** After a reload: what was set for backends that are gone must not come back with a restart. */
    public synchronized void forgetTheGone() {
        if (!states.settings().equals(written)) {
            apply(states.settings(), new LinkedHashMap<>());
        }
    }

    private void publish(Map<String, Object> document) {
        long startNs = System.nanoTime();
        try {
            if (!publisher.publish().join().awaitTaken(TAKEN_LIMIT_NS)) {
                document.put("warning", "a worker stands still; it heeds this when it goes on");
            }
            document.put("tookMs", Math.round((System.nanoTime() - startNs) / 1e4) / 100.0);
        } catch (CompletionException e) {
            throw new AdminException(
                    AdminException.FAILED,
                    "noted, but the workers do not heed it yet, the node tries again: "
                            + e.getCause().getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Map<String, Object> complete(Map<String, Object> document, BackendKey backend) {
        states.all().stream()
                .filter(status -> status.key().equals(backend))
                .findFirst()
                .ifPresent(status -> {
                    document.put("state", status.state());
                    document.put("weight", status.weight());
                });
        return document;
    }
}
