// The exact flow table, as the pipeline's (io.l4lb.pin): two buckets a flow, of one cache line each. A flow lies in the first of
// the two that had room; when both are full entries move to their own other bucket (room.c), and only when that fails does the
// entry least worth keeping give way. Entries expire.
#ifndef L4LB_TWIN_FLOWS_H
#define L4LB_TWIN_FLOWS_H

#include <stddef.h>

#include "packets.h"

#define TICK_MASK 0xffffff
#define STATE_SHIFT 24
#define TAG_SHIFT 20
#define TAG_SPREAD 0x5bd1e995u // odd, so that the other bucket is another one

static __rte_always_inline uint32_t *ring_slot(const struct worker *worker, uint32_t hash)
{
	return &worker->tables->ring[((uint64_t)hash * worker->tables->ring_slots) >> 32];
}

static __rte_always_inline struct bucket *first_bucket(const struct flow_table *table, uint32_t hash)
{
	return &table->buckets[hash & table->bucket_mask];
}

// The same step leads from either bucket of a flow to the other.
static __rte_always_inline struct bucket *other_bucket(const struct flow_table *table, const struct bucket *bucket, uint32_t hash)
{
	uint32_t step = ((hash >> TAG_SHIFT) | 1) * TAG_SPREAD & table->bucket_mask;
	return &table->buckets[(uint32_t)(bucket - table->buckets) ^ step];
}

static __rte_always_inline unsigned int entries_of(bool ipv6)
{
	return ipv6 ? RTE_DIM(((struct bucket *)0)->flow6) : RTE_DIM(((struct bucket *)0)->flow4);
}

static __rte_always_inline struct pin *pin_at(struct bucket *bucket, unsigned int entry, bool ipv6)
{
	return ipv6 ? &bucket->flow6[entry].pin : &bucket->flow4[entry].pin;
}

static __rte_always_inline bool is_expired(const struct tables *tables, uint32_t life, uint32_t tick)
{
	return ((tick - life) & TICK_MASK) > tables->idle_ticks[life >> STATE_SHIFT];
}

// Which entry holds a flow cannot be predicted: its number is added up without a branch, then checked.
static __rte_always_inline struct pin *find(struct bucket *bucket, const struct packets *p, unsigned int i, bool ipv6)
{
	uint64_t key = p->key[i];
	if (ipv6) {
		struct flow6 *flow = &bucket->flow6[0];
		flow += (bucket->flow6[1].address[1] == p->address[i][1]) & (bucket->flow6[1].key == key) &
			(bucket->flow6[1].address[0] == p->address[i][0]);
		bool found = flow->address[1] == p->address[i][1] && flow->key == key && flow->address[0] == p->address[i][0];
		return found ? &flow->pin : NULL;
	}
#ifdef __AVX512F__
	uint32_t found = _mm512_mask_cmpeq_epi64_mask(0x55, _mm512_load_si512(bucket), _mm512_set1_epi64(key));
	return found ? &bucket->flow4[__builtin_ctz(found) / 2].pin : NULL;
#else
	struct flow4 *flow = bucket->flow4;
	flow += (flow[1].key == key) | (flow[2].key == key) << 1 | ((flow[3].key == key) | (flow[3].key == key) << 1);
	return flow->key == key ? &flow->pin : NULL;
#endif
}

static __rte_always_inline uint32_t first_life(const struct tables *tables, uint8_t event, uint32_t tick)
{
	return (uint32_t)tables->next_state[FREE][event] << STATE_SHIFT | tick;
}

// A packet of a flow that is not just one more of an established flow in the same tick; {returns its backend}
uint32_t refresh(struct worker *worker, struct pin *pin, uint32_t hash, uint8_t event, uint32_t tick);

// An entry for a new flow when both buckets are full: expired, or moved away; NULL: none.
struct pin *make_room(struct worker *worker, struct bucket *first, struct bucket *second, bool ipv6, bool young, uint32_t tick);

void sweep(struct worker *worker, unsigned int buckets, bool ipv6, uint32_t tick);

static __rte_always_inline uint32_t follow(struct worker *worker, const uint8_t *usable, struct pin *pin, struct packets *p,
					   unsigned int i, uint32_t tick)
{
	uint32_t settled = ESTABLISHED << STATE_SHIFT | tick;
	if (likely(pin->life == settled && p->event[i] == DATA && usable[pin->backend]))
		return pin->backend;
	return refresh(worker, pin, p->hash[i], p->event[i], tick);
}

// The entry of both buckets that a new flow takes: a free one, else the lowest state, of equals the one not seen for longest;
// NULL when the newcomer is only a SYN and they are all worth more.
static __rte_always_inline struct pin *claim(struct worker *worker, struct bucket *first, struct bucket *second, uint32_t life,
					     bool ipv6, uint32_t tick)
{
	const unsigned int entries = entries_of(ipv6);
	uint32_t least = UINT32_MAX, youth = UINT32_MAX;
	for (unsigned int j = 0; j < 2 * entries; j++) {
		uint32_t its = pin_at(j < entries ? first : second, j % entries, ipv6)->life;
		uint32_t fresh = its - (tick + 1);
		uint32_t worth = (its & ~TICK_MASK) | (fresh & TICK_MASK);
		least = RTE_MIN(least, worth << 3 | j);
		youth &= fresh;
	}
	unsigned int at = least % 8;
	uint32_t state = least >> (3 + STATE_SHIFT);
	struct pin *pin = pin_at(at < entries ? first : second, at % entries, ipv6);
	if (state == FREE) {
		worker->flows++;
		return pin;
	}
	bool young = (youth & TICK_MASK & ~worker->tables->young_mask) == (TICK_MASK & ~worker->tables->young_mask);
	if (unlikely(!young || --worker->claims_to_next_search < 0)) {
		struct pin *room = make_room(worker, first, second, ipv6, young, tick);
		if (room != NULL) {
			worker->flows++;
			return room;
		}
	}
	if (unlikely(life >> STATE_SHIFT == HALF_OPEN && state > HALF_OPEN)) {
		worker->unpinned++;
		return NULL;
	}
	worker->evictions++;
	return pin;
}

static __rte_always_inline void add(struct worker *worker, struct bucket *first, struct bucket *second, struct packets *p,
				    unsigned int i, bool ipv6, uint32_t tick)
{
	struct pin new = {p->backend[i], first_life(worker->tables, p->event[i], tick)};
	struct pin *pin = claim(worker, first, second, new.life, ipv6, tick);
	worker->misses++;
	if (unlikely(pin == NULL))
		return;
	if (ipv6) {
		struct flow6 *flow = (struct flow6 *)((char *)pin - offsetof(struct flow6, pin));
		*flow = (struct flow6){{p->address[i][0], p->address[i][1]}, p->key[i], new};
	} else {
		struct flow4 *flow = (struct flow4 *)((char *)pin - offsetof(struct flow4, pin));
		*flow = (struct flow4){p->key[i], new};
	}
}

// Of the packets whose first bucket does not hold their flow: the ring's slots and the second buckets are brought near in a loop
// of their own, then the flow is found, or added. Both buckets are looked at: an earlier packet of this burst may have added it.
static __rte_always_inline void find_or_add(struct worker *worker, const struct flow_table *table, struct packets *p,
					    uint32_t missing, bool ipv6, uint32_t tick)
{
	struct bucket *second[BURST];
	for (uint32_t left = missing; left != 0; left &= left - 1) {
		unsigned int i = __builtin_ctz(left);
		second[i] = other_bucket(table, first_bucket(table, p->hash[i]), p->hash[i]);
		rte_prefetch0(second[i]);
		p->backend[i] = *ring_slot(worker, p->hash[i]);
	}
	for (uint32_t left = missing; left != 0; left &= left - 1) {
		unsigned int i = __builtin_ctz(left);
		struct bucket *first = first_bucket(table, p->hash[i]);
		struct pin *pin = find(second[i], p, i, ipv6);
		if (likely(pin == NULL))
			pin = find(first, p, i, ipv6);
		if (likely(pin == NULL))
			add(worker, first, second[i], p, i, ipv6, tick);
		else
			p->backend[i] = follow(worker, table->usable, pin, p, i, tick);
	}
}

static __rte_always_inline void look_up(struct worker *worker, struct packets *p, unsigned int count, uint32_t tick,
			   const struct shape shape)
{
	if (shape.maglev) {
		for (unsigned int i = 0; i < count; i++)
			p->backend[i] = *ring_slot(worker, p->hash[i]);
		return;
	}
	const struct flow_table table = worker->table; // a copy: stores may alias all that is reached by pointer
	uint64_t others = worker->misses + worker->repins;
	uint32_t missing = 0;
	for (unsigned int i = 0; i < count; i++) {
		struct pin *pin = find(first_bucket(&table, p->hash[i]), p, i, shape.ipv6);
		if (likely(pin != NULL))
			p->backend[i] = follow(worker, table.usable, pin, p, i, tick);
		else
			missing |= 1u << i;
	}
	if (missing != 0)
		find_or_add(worker, &table, p, missing, shape.ipv6, tick);
	worker->hits += count - (worker->misses + worker->repins - others);
}

#endif
