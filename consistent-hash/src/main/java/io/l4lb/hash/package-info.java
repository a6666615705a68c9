/**
 * Maglev consistent hashing: which backend a new flow goes to, the same answer on every node.
 *
 * <p>{@link io.l4lb.hash.MaglevTableBuilder} (cold) makes a {@link io.l4lb.hash.MaglevTable} (immutable, look-up
 * only); {@link io.l4lb.hash.Balance} and {@link io.l4lb.hash.Disruption} measure tables. The algorithm is section
 * 3.4 of "Maglev: A Fast and Reliable Software Network Load Balancer" (NSDI 2016), with weights added; see
 * {@code docs/design/03-maglev.md}. Needs {@code java.base} only.
 */
package io.l4lb.hash;
