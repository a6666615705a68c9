/**
 * The contenders of the forwarding benchmark as processes that poll on command and sleep in between, and what they feed on:
 * a capture of flows and a share of huge pages. Cold.
 */
package io.l4lb.bench.contender;
