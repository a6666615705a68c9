package io.l4lb.config;

/**
 * A port of a NIC.
 *
 * @param name what counters and logs call it
 * @param device a PCI address, or a DPDK vdev with its arguments such as {@code net_af_xdp0,iface=eth1}
 */
public record EthPortConfig(String name, String device) {}
