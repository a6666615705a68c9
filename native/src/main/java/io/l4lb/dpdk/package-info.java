/** Placeholder. */
package io.l4lb.dpdk;
