/** Where a packet of a flow would go, and why; by the very tables and hashes of the data plane. Cold. */
package io.l4lb.explain;
