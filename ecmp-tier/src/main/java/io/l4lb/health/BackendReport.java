package io.l4lb.health;

/**
 * What is known of a backend.
 *
 * @param state up, down, doubted or unknown
 * @param reason the last result that agrees with it, in words
 * @param sinceMs when it became so, since 1970
 */
public record BackendReport(String pool, String backend, String state, String reason, long sinceMs) {}
