package io.l4lb.node;

import java.lang.management.ManagementFactory;
import java.util.Locale;

/** How long the parts of a start took, from the JVM's own start on. Control thread. */
final class Phases {
    private final long startMs = ManagementFactory.getRuntimeMXBean().getStartTime();
    private final StringBuilder text = new StringBuilder();
    private long lastMs = startMs;

    /** What was done since the last call is called {@code name}. */
    void end(String name) {
        long nowMs = System.currentTimeMillis();
        text.append(String.format(Locale.ROOT, "%s%s %d", text.isEmpty() ? "" : ", ", name, nowMs - lastMs));
        lastMs = nowMs;
    }

    /** {@return the whole time, and then the phases, in milliseconds} */
    @Override
    public String toString() {
        return lastMs - startMs + " ms: " + text;
    }
}
