/**
 * The node's ethPorts: what DPDK, the kernel's side and the mbufs of one have in common, and what happens when its interface
 * vanishes and comes back. Cold.
 */
package io.l4lb.node.device;
