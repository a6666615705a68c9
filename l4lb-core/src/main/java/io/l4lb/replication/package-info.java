/**
 * Puts replication together: the journal thread, which is the one writer of own journal and replica table, and what it hands to
 * the peers' threads. {@code docs/design/15-replication.md}.
 */
package io.l4lb.replication;
