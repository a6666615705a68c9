package io.l4lb.node;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to be closed, the latest first, each whatever became of the others. Control thread. */
final class Closing implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    /** Adds {@code resource}, to be closed before all that were added earlier, and {@return it}. */
    <T extends AutoCloseable> T last(T resource) {
        open.push(resource);
        return resource;
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            AutoCloseable resource = open.pop();
            try {
                resource.close();
            } catch (Exception e) {
                LOG.error("{} could not be closed", resource.getClass().getSimpleName(), e);
            }
        }
    }
}
