/**
 * What this node has to say of flows, kept on disk, and its copies of what peers say: Chronicle Queue, which no other package knows.
 * Only for single threads: an append can take 15 ms when a file begins. {@code docs/design/15-replication.md}.
 */
package io.l4lb.journal;
