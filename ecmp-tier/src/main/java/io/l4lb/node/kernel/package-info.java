/**
 * The kernel's side of the NIC: the twin tap of an ethPort that DPDK owns, the XDP filter of one that the kernel keeps, and
 * the next hops that the kernel knows. Asks and tells the kernel through {@code ip} and {@code bpftool}. Cold.
 */
package io.l4lb.node.kernel;
