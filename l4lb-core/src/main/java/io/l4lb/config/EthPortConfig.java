package io.l4lb.config;

import io.l4lb.net.IpAddress;
import io.l4lb.net.IpPrefix;
import java.util.List;
import java.util.Optional;

/**
 * A port of a NIC.
 *
 * @param name what counters and logs call it
 * @param device a PCI address, or a DPDK vdev with its arguments such as {@code net_af_xdp0,iface=eth1}
 * @param kernelInterface for what is not for a VIP, where DPDK owns the NIC; empty: none, such packets are dropped
 * @param xdpFilter whether the kernel keeps the NIC and a filter of the node's hands VIP traffic to DPDK
 * @param transmitVlan VLAN ID of the tag that frames to backends leave with, 1 to 4094; 0: none
 */
public record EthPortConfig(
        String name, String device, Optional<KernelInterface> kernelInterface, boolean xdpFilter, int transmitVlan) {
    public static final int MAX_VLAN = 4094;

    /** One that carries VIP traffic only. */
    public EthPortConfig(String name, String device) {
        this(name, device, Optional.empty(), false);
    }

    /** One whose frames leave untagged. */
    public EthPortConfig(String name, String device, Optional<KernelInterface> kernelInterface, boolean xdpFilter) {
        this(name, device, kernelInterface, xdpFilter, 0);
    }

    /**
     * The interface by which the kernel uses an ethPort that DPDK owns: a tap with the NIC's MAC address.
     *
     * @param name of the tap, at most {@link #NAME_LENGTH_MAX} characters
     * @param addresses that the node gives it; empty: somebody else does
     * @param gateways of default routes that the node adds
     */
    public record KernelInterface(String name, List<IpPrefix> addresses, List<IpAddress> gateways) {
        /** {@code IFNAMSIZ} without the final zero. */
        public static final int NAME_LENGTH_MAX = 15;
        /** {@code RTE_PMD_TAP_MAX_QUEUES} of DPDK's net_tap: each worker has a pair of queues of the tap. */
        public static final int WORKERS_MAX = 16;

        public KernelInterface {
            addresses = List.copyOf(addresses);
            gateways = List.copyOf(gateways);
        }

        /** {@return the tap's name where none is given} */
        public static String defaultName(String ethPortName) {
            return ethPortName + "-tap";
        }
    }
}
