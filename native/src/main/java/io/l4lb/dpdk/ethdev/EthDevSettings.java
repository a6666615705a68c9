package io.l4lb.dpdk.ethdev;

/**
 * What a device was set to, which may be less than was asked for.
 *
 * @param rssHashFunctions bits RTE_ETH_RSS_* in use; 0: the device (or whatever feeds it) decides on the queue
 */
public record EthDevSettings(int rxQueues, int txQueues, int rxDescriptors, int txDescriptors, long rssHashFunctions) {}
