// An mbuf pool whose mbufs lie side by side. Reason: rte_pktmbuf_pool_create leaves gaps so that no mbuf crosses a page
// boundary; with --no-huge pages are 4 KiB, and net_af_xdp, which registers only count x size bytes with the kernel,
// would lose every mbuf behind that: RX stalls for good once those are in its fill ring. Without huge pages no device
// can DMA by physical address, so the gaps serve nobody. With huge pages nothing differs from rte_pktmbuf_pool_create.
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>

struct rte_mempool *l4lb_pool_create(const char *name, unsigned int count, unsigned int cache, uint16_t data_room,
				     int socket);

struct rte_mempool *l4lb_pool_create(const char *name, unsigned int count, unsigned int cache, uint16_t data_room,
				     int socket)
{
	if (rte_eal_has_hugepages())
		return rte_pktmbuf_pool_create(name, count, cache, 0, data_room, socket);
	struct rte_pktmbuf_pool_private private_data = {.mbuf_data_room_size = data_room};
	struct rte_mempool *pool =
		rte_mempool_create_empty(name, count, sizeof(struct rte_mbuf) + data_room, cache,
					 sizeof(private_data), socket, RTE_MEMPOOL_F_NO_IOVA_CONTIG);
	if (pool == NULL)
		return NULL;
	int error = rte_mempool_set_ops_byname(pool, rte_mbuf_best_mempool_ops(), NULL);
	if (error == 0) {
		rte_pktmbuf_pool_init(pool, &private_data);
		error = rte_mempool_populate_default(pool); // the number of objects, or negative
	}
	if (error < 0) {
		rte_mempool_free(pool);
		rte_errno = -error;
		return NULL;
	}
	rte_mempool_obj_iter(pool, rte_pktmbuf_init, NULL);
	return pool;
}
