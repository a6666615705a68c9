package io.l4lb.config;

import java.util.Optional;

/**
 * How to find out whether a backend is up.
 *
 * @param path of the request; for http and https only
 * @param timeoutMs at most {@code intervalMs}
 * @param rise successes in a row that bring a backend up
 * @param fall failures in a row that take it down
 */
public record HealthCheckConfig(
        Type type, int l4Port, Optional<String> path, int intervalMs, int timeoutMs, int rise, int fall) {
    public static final String DEFAULT_PATH = "/";
    public static final int DEFAULT_INTERVAL_MS = 1000;
    public static final int DEFAULT_TIMEOUT_MS = 500;
    public static final int DEFAULT_RISE = 2;
    public static final int DEFAULT_FALL = 3;
    public static final int MAX_INTERVAL_MS = 3_600_000;
    public static final int MAX_COUNT = 100;

    /** What is tried: a connection, or a request over it that has to be answered with 2xx or 3xx. */
    public enum Type {
        TCP("tcp"),
        HTTP("http"),
        HTTPS("https");

        private final String label;

        Type(String label) {
            this.label = label;
        }

        /** {@return the word in configuration and output} */
        public String label() {
            return label;
        }
    }
}
