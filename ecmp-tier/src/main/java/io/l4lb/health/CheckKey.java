package io.l4lb.health;

import io.l4lb.config.HealthCheckConfig;
import io.l4lb.config.HealthCheckConfig.Request;
import io.l4lb.health.path.WaySpec;

/** What makes a check that check: however many pools want it, it is done once. Rise and fall are each pool's own. */
record CheckKey(HealthCheckConfig.Type type, int l4Port, Request request, WaySpec way, int intervalMs, int timeoutMs) {
    /** {@return a number that is the same on every start, to spread checks by} */
    long spread() {
        String text = type + " " + l4Port + " " + way + " " + request + " " + intervalMs;
        long hash = 0;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L; // FNV-1
        }
        return hash;
    }
}
