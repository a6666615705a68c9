package io.l4lb.health;

import io.l4lb.config.HealthCheckConfig.Pace;
import io.l4lb.health.UpDown.Belief;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * One backend of one pool: up when every way to it works, down when one does not, doubted when one has not from the beginning, unknown
 * until each has been tried. Any thread.
 */
final class BackendHealth {
    private final String pool;
    private final String backend;
    private final HealthListener listener;
    private final Map<CheckKey, UpDown> ways = new HashMap<>();
    private Belief belief = Belief.UNKNOWN;
    private Supplier<String> reason = () -> "not checked yet";
    private long sinceMs = System.currentTimeMillis();

    BackendHealth(String pool, String backend, HealthListener listener) {
        this.pool = pool;
        this.backend = backend;
        this.listener = listener;
    }

    /** For a backend that has just come into a running node: no flows until it has proved itself. */
    void tellUnknown() {
        tell(Belief.UNKNOWN, reason);
    }

    /** The ways from now on; one that is new believes what was believed of the backend, so that a reload moves nothing. */
    synchronized void setWays(Iterable<CheckKey> keys, Pace pace) {
        Map<CheckKey, UpDown> before = Map.copyOf(ways);
        ways.clear();
        for (CheckKey key : keys) {
            UpDown known =
                    before.get(key); // with its failures in a row: reloads that come fast must not hide a dead backend
            ways.put(key, known == null ? new UpDown(pace, belief) : known.at(pace));
        }
    }

    synchronized void observe(CheckKey key, boolean success, String words) {
        UpDown way = ways.get(key);
        if (way == null) {
            return; // a try that was under way when the configuration changed
        }
        way.observe(success);
        Belief now = together();
        // put together only when somebody asks: two addresses as text take longer than all the rest
        Supplier<String> why = () -> key.way() + ": " + key.type().label() + " " + words;
        if (now != belief) {
            tell(now, why);
        } else if (success == (now == Belief.UP)) {
            reason = why;
        }
    }

    private Belief together() {
        if (ways.values().stream().anyMatch(way -> way.belief() == Belief.DOWN)) {
            return Belief.DOWN;
        }
        if (ways.values().stream().anyMatch(way -> way.belief() == Belief.DOUBTED)) {
            return Belief.DOUBTED;
        }
        return ways.values().stream().allMatch(way -> way.belief() == Belief.UP) ? Belief.UP : Belief.UNKNOWN;
    }

    /** The listener is called with the lock held: in order. */
    private synchronized void tell(Belief now, Supplier<String> why) {
        belief = now;
        reason = why;
        sinceMs = System.currentTimeMillis();
        listener.changed(pool, backend, now.state(), why.get());
    }

    /** Nobody checks it any more: it counts as up. */
    void release() {
        tell(Belief.UP, () -> "no health check");
    }

    synchronized BackendReport report() {
        return new BackendReport(pool, backend, belief.label(), reason.get(), sinceMs);
    }
}
