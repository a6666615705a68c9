package io.l4lb.health;

import io.l4lb.net.BackendState;

/** Who is to know when a backend comes up, goes down or is doubted. */
@FunctionalInterface
public interface HealthListener {
    /**
     * A backend has become able to serve, or unable, or is doubted. Called by virtual threads, of which many at once, but in order for each
     * backend; to return soon and not to throw.
     *
     * @param pool its name
     * @param backend its name
     * @param reason in words, for logs and {@code status}
     */
    void changed(String pool, String backend, BackendState state, String reason);
}
