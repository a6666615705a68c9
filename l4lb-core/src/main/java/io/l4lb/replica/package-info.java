/**
 * The replica table: all tracked flows of the cluster, by whose claims. Written by the journal thread, read by workers without
 * locks. {@code docs/design/15-replication.md}.
 */
package io.l4lb.replica;
