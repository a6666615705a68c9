// Layouts and constants of the DPDK headers that this shim was compiled against, by name. Reason: offsetof, sizeof
// and macros exist only in the compiler. Java reads every struct through this table and compares its own mbuf
// descriptor with it, so that another DPDK release is either understood or refused, never misread.
#include <stddef.h>
#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#define FIELD(type, field) {#type "." #field, offsetof(struct type, field)}
#define SIZE(type) {"sizeof " #type, sizeof(struct type)}
#define CONSTANT(name) {#name, (uint64_t)(name)}

static const struct {
	const char *name;
	uint64_t value;
} layout[] = {
	SIZE(rte_mbuf),
	FIELD(rte_mbuf, buf_addr),
	FIELD(rte_mbuf, data_off),
	FIELD(rte_mbuf, refcnt),
	FIELD(rte_mbuf, nb_segs),
	FIELD(rte_mbuf, port),
	FIELD(rte_mbuf, ol_flags),
	FIELD(rte_mbuf, pkt_len),
	FIELD(rte_mbuf, data_len),
	FIELD(rte_mbuf, buf_len),
	FIELD(rte_mbuf, next),
	FIELD(rte_mbuf, dynfield1),

	SIZE(rte_eth_conf),
	FIELD(rte_eth_conf, rxmode.mq_mode),
	FIELD(rte_eth_conf, rxmode.mtu),
	FIELD(rte_eth_conf, txmode.offloads),
	FIELD(rte_eth_conf, rx_adv_conf.rss_conf.rss_hf),

	SIZE(rte_eth_dev_info),
	FIELD(rte_eth_dev_info, device),
	FIELD(rte_eth_dev_info, driver_name),
	FIELD(rte_eth_dev_info, min_mtu),
	FIELD(rte_eth_dev_info, max_mtu),
	FIELD(rte_eth_dev_info, max_rx_queues),
	FIELD(rte_eth_dev_info, max_tx_queues),
	FIELD(rte_eth_dev_info, rx_offload_capa),
	FIELD(rte_eth_dev_info, tx_offload_capa),
	FIELD(rte_eth_dev_info, reta_size),
	FIELD(rte_eth_dev_info, flow_type_rss_offloads),
	FIELD(rte_eth_dev_info, rx_desc_lim.nb_min),
	FIELD(rte_eth_dev_info, rx_desc_lim.nb_max),
	FIELD(rte_eth_dev_info, tx_desc_lim.nb_min),
	FIELD(rte_eth_dev_info, tx_desc_lim.nb_max),

	SIZE(rte_eth_stats),
	FIELD(rte_eth_stats, ipackets),
	FIELD(rte_eth_stats, opackets),
	FIELD(rte_eth_stats, ibytes),
	FIELD(rte_eth_stats, obytes),
	FIELD(rte_eth_stats, imissed),
	FIELD(rte_eth_stats, ierrors),
	FIELD(rte_eth_stats, oerrors),
	FIELD(rte_eth_stats, rx_nombuf),

	SIZE(rte_eth_link),
	FIELD(rte_eth_link, link_speed),

	CONSTANT(RTE_PKTMBUF_HEADROOM),
	CONSTANT(RTE_MEMPOOL_CACHE_MAX_SIZE),
	CONSTANT(RTE_ETH_MQ_RX_RSS),
	CONSTANT(RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE),
	CONSTANT(RTE_ETH_RSS_IP),
	CONSTANT(RTE_ETH_RSS_TCP),
	CONSTANT(RTE_ETH_RSS_UDP),
};

// Reason: the length of the table above.
int l4lb_layout_count(void)
{
	return sizeof(layout) / sizeof(layout[0]);
}

// Reason: reads the table above.
const char *l4lb_layout_name(int index)
{
	return layout[index].name;
}

// Reason: reads the table above.
uint64_t l4lb_layout_value(int index)
{
	return layout[index].value;
}
