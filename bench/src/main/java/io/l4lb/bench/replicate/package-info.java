/** {@code ./l4lb bench replicate}: flow state from a worker's ring to the journal, to a peer, and back after a restart. Cold. */
package io.l4lb.bench.replicate;
