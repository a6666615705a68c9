/**
 * DPDK's environment: start and stop once per process, devices attached by name, Java threads made known to DPDK.
 */
package io.l4lb.dpdk.eal;
