package io.l4lb.dpdk.ethdev;

import static io.l4lb.dpdk.binding.ColdCall.POINTER;
import static io.l4lb.dpdk.binding.ColdCall.UINT16;

import io.l4lb.dpdk.binding.ColdCall;
import io.l4lb.dpdk.binding.DpdkException;
import io.l4lb.dpdk.binding.DpdkLog;
import java.lang.foreign.Arena;

/**
 * What a device can do, from {@code rte_eth_dev_info_get}.
 *
 * @param driverName DPDK's driver, such as net_af_xdp
 * @param socketId NUMA node, -1 when unknown
 * @param minRxDescriptors shortest receive ring
 * @param maxRxDescriptors longest receive ring
 * @param retaSize entries of the RSS redirection table; 0 without RSS
 * @param rssCapabilities bits RTE_ETH_RSS_*
 * @param rxOffloads bits RTE_ETH_RX_OFFLOAD_*
 * @param txOffloads bits RTE_ETH_TX_OFFLOAD_*
 */
public record EthDevInfo(
        String driverName,
        int socketId,
        int maxRxQueues,
        int maxTxQueues,
        int minRxDescriptors,
        int maxRxDescriptors,
        int minTxDescriptors,
        int maxTxDescriptors,
        int minMtuBytes,
        int maxMtuBytes,
        int retaSize,
        long rssCapabilities,
        long rxOffloads,
        long txOffloads) {
    private static final String STRUCT = "rte_eth_dev_info";
    private static final ColdCall GET = ColdCall.returningInt("rte_eth_dev_info_get", UINT16, POINTER);
    private static final ColdCall SOCKET = ColdCall.returningInt("rte_eth_dev_socket_id", UINT16);

    static EthDevInfo read(int ethPortId) {
        try (Arena arena = Arena.ofConfined()) {
            DpdkStruct info = fill(ethPortId, arena);
            return new EthDevInfo(
                    info.text("driver_name"),
                    SOCKET.toInt(ethPortId),
                    info.unsignedShort("max_rx_queues"),
                    info.unsignedShort("max_tx_queues"),
                    info.unsignedShort("rx_desc_lim.nb_min"),
                    info.unsignedShort("rx_desc_lim.nb_max"),
                    info.unsignedShort("tx_desc_lim.nb_min"),
                    info.unsignedShort("tx_desc_lim.nb_max"),
                    info.unsignedShort("min_mtu"),
                    info.unsignedShort("max_mtu"),
                    info.unsignedShort("reta_size"),
                    info.getLong("flow_type_rss_offloads"),
                    info.getLong("rx_offload_capa"),
                    info.getLong("tx_offload_capa"));
        }
    }

    /** {@return the struct rte_device behind an ethPort, by which the bus can remove it} */
    static long deviceAddress(int ethPortId) {
        try (Arena arena = Arena.ofConfined()) {
            return fill(ethPortId, arena).getLong("device");
        }
    }

    private static DpdkStruct fill(int ethPortId, Arena arena) {
        DpdkStruct info = DpdkStruct.allocate(STRUCT, arena);
        long logPosition = DpdkLog.position();
        DpdkException.check(
                "cannot ask ethPort " + ethPortId + " what it can do",
                GET.toInt(ethPortId, info.address()),
                logPosition);
        return info;
    }
}
