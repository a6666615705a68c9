/**
 * The floor of the binding: finds symbols, makes cold calls, reads the shim's layout table and turns DPDK's errors
 * into exceptions that carry DPDK's own text and a cure. Knows nothing of mbufs or ethPorts.
 */
package io.l4lb.dpdk.binding;
