package io.l4lb.config;

import io.l4lb.net.IpAddress;
import java.util.Optional;

/**
 * How to find out whether a backend is up.
 *
 * @param l4Port to connect to; 0 for ping
 * @param sourceAddress of checks to targets of its family; empty: the kernel's choice
 */
public record HealthCheckConfig(
        Type type, Via via, int l4Port, Optional<IpAddress> sourceAddress, Request request, Pace pace) {

    /** What is tried. */
    public enum Type {
        /** A connection. */
        TCP("tcp"),
        /** A GET that has to be answered with the expected status. */
        HTTP("http"),
        /** The same over TLS. */
        HTTPS("https"),
        /** A query over UDP that has to be answered without error. */
        DNS("dns"),
        /** grpc.health.v1, without TLS, that has to be answered with SERVING. */
        GRPC("grpc"),
        /** An ICMP echo request. */
        PING("ping");

        private final String label;

        Type(String label) {
            this.label = label;
        }

        /** {@return the word in configuration and output} */
        public String label() {
            return label;
        }
    }

    /** Which way a check takes. */
    public enum Via {
        /** Encapsulated to the VIP's address on the backend, as clients' packets are. */
        DATAPLANE("dataplane"),
        /** Plainly to the backend's own address. */
        ADDRESS("address");

        private final String label;

        Via(String label) {
            this.label = label;
        }

        /** {@return the word in configuration and output} */
        public String label() {
            return label;
        }
    }

    /**
     * What is asked and what has to be answered; a type reads what it knows.
     *
     * @param path of http and https
     * @param serverName Host of http and https, SNI of https, authority of grpc; empty: the target's address
     * @param lowestStatus the first expected status of http and https
     * @param highestStatus the last one
     * @param body has to be in the answer of http and https; empty: anything will do
     * @param verifyCertificate of https, against {@code serverName} and the JVM's trust store
     * @param query the name that dns asks for
     * @param service that grpc asks for; empty: the server as a whole
     */
    public record Request(
            String path,
            Optional<String> serverName,
            int lowestStatus,
            int highestStatus,
            Optional<String> body,
            boolean verifyCertificate,
            String query,
            String service) {
        public static final String DEFAULT_PATH = "/";
        public static final int DEFAULT_LOWEST_STATUS = 200;
        public static final int DEFAULT_HIGHEST_STATUS = 399;
        /** The root: every resolver knows it. */
        public static final String DEFAULT_QUERY = ".";

        /** What a check asks that says nothing about it. */
        public static final Request DEFAULT = new Request(
                DEFAULT_PATH,
                Optional.empty(),
                DEFAULT_LOWEST_STATUS,
                DEFAULT_HIGHEST_STATUS,
                Optional.empty(),
                false,
                DEFAULT_QUERY,
                "");
    }

    /**
     * When to try, and how often before something is believed.
     *
     * @param timeoutMs at most {@code intervalMs}
     * @param rise successes in a row that bring a backend up
     * @param fall failures in a row that take it down
     */
    public record Pace(int intervalMs, int timeoutMs, int rise, int fall) {
        public static final int DEFAULT_INTERVAL_MS = 1000;
        public static final int DEFAULT_TIMEOUT_MS = 500;
        public static final int DEFAULT_RISE = 2;
        public static final int DEFAULT_FALL = 3;
        public static final int MAX_INTERVAL_MS = 3_600_000;
        public static final int MAX_COUNT = 100;
        public static final Pace DEFAULT =
                new Pace(DEFAULT_INTERVAL_MS, DEFAULT_TIMEOUT_MS, DEFAULT_RISE, DEFAULT_FALL);
    }
}
