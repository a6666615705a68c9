// The exact flow table: found, refreshed, or the flow least worth keeping gives way.
#ifndef L4LB_TWIN_FLOWS_H
#define L4LB_TWIN_FLOWS_H

#include "packets.h"

#define TICK_MASK 0xffffff
#define STATE_SHIFT 24

static __rte_always_inline uint32_t *ring_slot(const struct worker *worker, uint32_t hash)
{
	return &worker->tables->ring[((uint64_t)hash * RING_SLOTS) >> 32];
}

// Bit 31 of the hash names the line; the low bits name the pair.
static __rte_always_inline struct line6 *own_line(const struct worker *worker, uint32_t hash)
{
	return &worker->lines6[(hash & worker->bucket_mask) * 2 + (hash >> 31)];
}

static __rte_always_inline struct line6 *other_line(struct line6 *line)
{
	return (struct line6 *)((uintptr_t)line ^ sizeof(struct line6)); // pairs are 128-byte aligned in steps of two lines
}

// Worth less when a bucket is full: the lower state, of equals the one not seen for longest; a free entry is state 0.
static __rte_always_inline uint32_t worth(uint32_t life, uint32_t tick)
{
	return (life & ~TICK_MASK) | (TICK_MASK - ((tick - life) & TICK_MASK));
}

static __rte_always_inline void refresh(const struct tables *tables, uint32_t *life, uint8_t event, uint32_t tick)
{
	uint32_t next = (uint32_t)tables->next_state[*life >> STATE_SHIFT][event] << STATE_SHIFT | tick;
	if (next != *life)
		*life = next; // at most one write a flow and tick
}

static __rte_always_inline uint32_t look_up4(struct worker *worker, struct packets *p, unsigned int i, uint32_t tick)
{
	struct flow4 *flow = worker->buckets4[p->hash[i] & worker->bucket_mask].flow;
	uint64_t key = p->key[i];
	int at = flow[0].key == key ? 0 : flow[1].key == key ? 1 : flow[2].key == key ? 2 : flow[3].key == key ? 3 : -1;
	if (likely(at >= 0)) {
		refresh(worker->tables, &flow[at].life, p->event[i], tick);
		return flow[at].backend;
	}
	at = 0;
	for (int j = 1; j < 4; j++)
		at = worth(flow[j].life, tick) < worth(flow[at].life, tick) ? j : at;
	worker->misses++;
	worker->evictions += flow[at].life != 0;
	uint32_t life = (uint32_t)worker->tables->next_state[FREE][p->event[i]] << STATE_SHIFT | tick;
	flow[at] = (struct flow4){key, *ring_slot(worker, p->hash[i]), life};
	return flow[at].backend;
}

static __rte_always_inline struct flow6 *find6(struct line6 *line, const struct packets *p, unsigned int i)
{
	for (int j = 0; j < 2; j++) {
		struct flow6 *flow = &line->flow[j];
		if (flow->address[1] == p->address[i][1] && flow->key == p->key[i] && flow->address[0] == p->address[i][0])
			return flow;
	}
	return NULL;
}

static __rte_noinline struct flow6 *claim6(struct worker *worker, struct line6 *own, uint32_t tick)
{
	struct flow6 *flow[4] = {&own->flow[0], &own->flow[1], &other_line(own)->flow[0], &other_line(own)->flow[1]};
	struct flow6 *least = flow[0];
	for (int j = 1; j < 4; j++)
		least = worth(flow[j]->life, tick) < worth(least->life, tick) ? flow[j] : least;
	if (own->flow[0].life == 0)
		least = &own->flow[0];
	else if (own->flow[1].life == 0)
		least = &own->flow[1];
	worker->misses++;
	worker->evictions += least->life != 0;
	return least;
}

static __rte_always_inline uint32_t look_up6(struct worker *worker, struct packets *p, unsigned int i, uint32_t tick)
{
	struct line6 *own = own_line(worker, p->hash[i]);
	struct flow6 *flow = find6(own, p, i);
	if (unlikely(flow == NULL))
		flow = find6(other_line(own), p, i);
	if (likely(flow != NULL)) {
		refresh(worker->tables, &flow->life, p->event[i], tick);
		return flow->backend;
	}
	flow = claim6(worker, own, tick);
	uint32_t life = (uint32_t)worker->tables->next_state[FREE][p->event[i]] << STATE_SHIFT | tick;
	*flow = (struct flow6){{p->address[i][0], p->address[i][1]}, p->key[i], *ring_slot(worker, p->hash[i]), life};
	return flow->backend;
}

static __rte_always_inline void look_up(struct worker *worker, struct packets *p, unsigned int count, uint32_t tick,
			   const struct shape shape)
{
	uint64_t misses = worker->misses;
	for (unsigned int i = 0; i < count; i++)
		p->backend[i] = shape.maglev ? *ring_slot(worker, p->hash[i])
				: shape.ipv6 ? look_up6(worker, p, i, tick)
					     : look_up4(worker, p, i, tick);
	worker->hits += shape.maglev ? 0 : count - (worker->misses - misses);
}

#endif
