package io.l4lb.health.probe;

import java.io.IOException;

/** A kind of check with its parameters. Any number of threads; no state. */
public interface Probe {
    /**
     * Tries once.
     *
     * @return what was answered, in words
     * @throws IOException when the backend cannot serve, in words for operators; ends soon after {@code deadline}
     */
    String run(Way way, Deadline deadline) throws IOException;
}
