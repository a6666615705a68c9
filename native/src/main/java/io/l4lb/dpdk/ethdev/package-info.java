/**
 * DPDK's Ethernet devices: what a device can do, its configuration, its queues, its counters. An {@code EthDev} comes
 * from {@code Eal.attach}; set up by one cold thread, its queues polled by one worker each.
 */
package io.l4lb.dpdk.ethdev;
