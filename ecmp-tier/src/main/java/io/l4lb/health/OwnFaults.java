package io.l4lb.health;

import io.l4lb.logging.OnceAMinute;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Faults of this machine, such as a source address that it does not have: each fails thousands of tries a second alike, and is
 * logged once a minute. Any thread.
 */
final class OwnFaults {
    /** A fault's words have nothing in them but what the configuration and the kernel say, so there are few. */
    private static final int KINDS_MAX = 64;

    private static final String OTHERS = "";

    private final LongSupplier clockNs;
    private final Consumer<String> log;
    private final Map<String, OnceAMinute> kinds = new HashMap<>();

    /** {@code clockNs} is such as System::nanoTime. */
    OwnFaults(LongSupplier clockNs, Consumer<String> log) {
        this.clockNs = clockNs;
        this.log = log;
    }

    /** @param check in words, of those that the fault hits */
    void add(String check, String fault) {
        limit(fault).say("health check of " + check + " says nothing: " + fault, log);
    }

    private synchronized OnceAMinute limit(String fault) {
        String kind = kinds.containsKey(fault) || kinds.size() < KINDS_MAX ? fault : OTHERS;
        return kinds.computeIfAbsent(kind, _ -> new OnceAMinute(clockNs));
    }
}
