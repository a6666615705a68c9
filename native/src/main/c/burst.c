// DPDK's packet calls for Java. Everything here is `static inline`, a macro or thread-local in DPDK's headers and
// so has no symbol that a downcall could reach; what does have one is called from Java directly.
#include <stdint.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

// Reason: rte_eth_rx_burst is inline. The prefetch of each frame's first line rides along: the mbuf is hot here,
// and parsing starts a whole burst later, when the lines have arrived.
uint16_t l4lb_rx_burst(uint16_t eth_port, uint16_t rx_queue, struct rte_mbuf **mbufs, uint16_t capacity)
{
	uint16_t count = rte_eth_rx_burst(eth_port, rx_queue, mbufs, capacity);
	for (uint16_t i = 0; i < count; i++)
		rte_prefetch0(rte_pktmbuf_mtod(mbufs[i], void *));
	return count;
}

// Reason: rte_eth_tx_burst is inline.
uint16_t l4lb_tx_burst(uint16_t eth_port, uint16_t tx_queue, struct rte_mbuf **mbufs, uint16_t count)
{
	return rte_eth_tx_burst(eth_port, tx_queue, mbufs, count);
}

// Reason: rte_pktmbuf_alloc_bulk is inline. 0, or negative when the pool does not hold `count` mbufs.
int l4lb_mbuf_alloc_bulk(struct rte_mempool *pool, struct rte_mbuf **mbufs, unsigned int count)
{
	return rte_pktmbuf_alloc_bulk(pool, mbufs, count);
}

// Reason: Java has no prefetch instruction; one call for the bucket addresses of a whole burst.
void l4lb_prefetch(const uint64_t *addresses, int count)
{
	for (int i = 0; i < count; i++)
		rte_prefetch0((const void *)(uintptr_t)addresses[i]);
}

// Reason: rte_errno is a macro over a thread-local variable.
int l4lb_errno(void)
{
	return rte_errno;
}

// Reason: rte_eth_link.link_status is a bit-field, which has no offset.
int l4lb_link_is_up(const struct rte_eth_link *link)
{
	return link->link_status == RTE_ETH_LINK_UP;
}
