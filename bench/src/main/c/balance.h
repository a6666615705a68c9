// The twin's work on a burst: parse, look up, encapsulate, in separate loops, so that the cache misses of a burst
// overlap. Everything is inlined into one loop for each shape (family, encapsulation, mode), so that no shape pays for
// another.
#ifndef L4LB_TWIN_BALANCE_H
#define L4LB_TWIN_BALANCE_H

#include <rte_prefetch.h>

#include "encapsulate.h"
#include "flows.h"
#include "parse.h"

static __rte_always_inline unsigned int parse(struct worker *worker, struct packets *p, struct rte_mbuf **received, unsigned int count,
			     const struct shape shape)
{
	const struct tables tables = *worker->tables; // a copy: stores to packets may alias all that is reached by pointer
	unsigned int kept = 0;
	for (unsigned int i = 0; i < count && i < 8; i++)
		rte_prefetch0(rte_pktmbuf_mtod(received[i], void *));
	for (unsigned int i = 0; i < count; i++) {
		if (i + 8 < count)
			rte_prefetch0(rte_pktmbuf_mtod(received[i + 8], void *));
		bool sound = shape.ipv6 ? parse6(&tables, p, received[i], kept) : parse4(&tables, p, received[i], kept);
		if (unlikely(!sound)) {
			rte_pktmbuf_free(received[i]);
			worker->drops++;
			continue;
		}
		uint32_t hash = p->hash[kept];
		const void *next = shape.maglev ? (void *)ring_slot(worker, hash) : (void *)first_bucket(&worker->table, hash);
		rte_prefetch0(next);
		p->mbuf[kept++] = received[i];
	}
	return kept;
}

#define SWEEP_BURSTS 16
#define SWEEP_BUCKETS 32

// Everything between receiving and sending a burst; {returns how many of `mbufs` are to be sent}
static __rte_always_inline unsigned int balance(struct worker *worker, struct rte_mbuf **mbufs, unsigned int count, uint32_t tick,
					    const struct shape shape)
{
	struct packets packets;
	unsigned int kept = parse(worker, &packets, mbufs, count, shape);
	look_up(worker, &packets, kept, tick, shape);
	if (!shape.maglev && ++worker->bursts % SWEEP_BURSTS == 0)
		sweep(worker, SWEEP_BUCKETS, shape.ipv6, tick);
	return encapsulate(worker, &packets, kept, mbufs, shape);
}

#endif
