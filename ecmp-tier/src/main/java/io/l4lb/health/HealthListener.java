package io.l4lb.health;

/** Who is to know when a backend comes up or goes down. */
@FunctionalInterface
public interface HealthListener {
    /**
     * A backend has become able to serve, or unable. Called by virtual threads, of which many at once, but in order for each
     * backend; to return soon and not to throw.
     *
     * @param pool its name
     * @param backend its name
     * @param reason in words, for logs and {@code status}
     */
    void changed(String pool, String backend, boolean up, String reason);
}
