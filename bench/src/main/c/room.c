// The rare half of the flow table: flows that are not settled, room in full buckets, the sweep.
#include "flows.h"

#include <string.h>

#define SEARCH_BUCKETS_MIN 8u
#define SEARCH_PAUSE_MAX 1023u
#define NO_PARENT UINT32_MAX

uint32_t refresh(struct worker *worker, struct pin *pin, uint32_t hash, uint8_t event, uint32_t tick)
{
	const struct tables *tables = worker->tables;
	uint32_t state = pin->life >> STATE_SHIFT;
	bool expired = is_expired(tables, pin->life, tick);
	if (expired || (event == OPEN && state == CLOSING)) { // a new flow with an old one's key
		worker->expirations += expired;
		worker->misses++;
		*pin = (struct pin){*ring_slot(worker, hash), first_life(tables, event, tick)};
		return pin->backend;
	}
	uint32_t next = (uint32_t)tables->next_state[state][event] << STATE_SHIFT | tick;
	if (!worker->table.usable[pin->backend]) {
		worker->repins++;
		pin->backend = *ring_slot(worker, hash);
	}
	if (next != pin->life)
		pin->life = next; // at most one write a flow and tick
	return pin->backend;
}

static size_t entry_bytes(bool ipv6)
{
	return ipv6 ? sizeof(struct flow6) : sizeof(struct flow4);
}

static char *entry_of(struct pin *pin, bool ipv6)
{
	return (char *)(pin + 1) - entry_bytes(ipv6);
}

// The key goes too: find adds up the entries with its key.
static void release(struct worker *worker, struct pin *pin, bool ipv6)
{
	memset(entry_of(pin, ipv6), 0, entry_bytes(ipv6));
	worker->flows--;
	worker->expirations++;
}

static struct pin *free_entry(struct worker *worker, struct bucket *bucket, bool ipv6, uint32_t tick)
{
	for (unsigned int j = 0; j < entries_of(ipv6); j++) {
		struct pin *pin = pin_at(bucket, j, ipv6);
		if (pin->life == 0)
			return pin;
		if (is_expired(worker->tables, pin->life, tick)) {
			release(worker, pin, ipv6);
			return pin;
		}
	}
	return NULL;
}

void sweep(struct worker *worker, unsigned int buckets, bool ipv6, uint32_t tick)
{
	for (unsigned int i = 0; i < buckets; i++) {
		struct bucket *bucket = &worker->table.buckets[worker->sweep_bucket];
		for (unsigned int j = 0; j < entries_of(ipv6); j++) {
			struct pin *pin = pin_at(bucket, j, ipv6);
			if (pin->life != 0 && is_expired(worker->tables, pin->life, tick))
				release(worker, pin, ipv6);
		}
		worker->sweep_bucket = (worker->sweep_bucket + 1) & worker->table.bucket_mask;
	}
}

static uint32_t hash_of(struct bucket *bucket, unsigned int entry, bool ipv6)
{
	return ipv6 ? hash6(bucket->flow6[entry].address, bucket->flow6[entry].key) : hash4(bucket->flow4[entry].key);
}

static void visit(struct search *search, uint32_t bucket, uint32_t parent, uint32_t entry)
{
	if (search->count == search->limit)
		return;
	for (unsigned int node = 0; node < search->count; node++)
		if (search->bucket[node] == bucket)
			return; // a bucket twice in a chain could move one entry twice
	search->bucket[search->count] = bucket;
	search->parent[search->count] = parent;
	search->entry[search->count++] = entry;
}

// Moves that entry into `to`, its parent's into its place, up to a root.
static struct pin *move_chain(struct worker *worker, uint32_t node, unsigned int entry, struct pin *to, bool ipv6)
{
	struct search *search = &worker->search;
	while (node != NO_PARENT) {
		struct pin *from = pin_at(&worker->table.buckets[search->bucket[node]], entry, ipv6);
		memcpy(entry_of(to, ipv6), entry_of(from, ipv6), entry_bytes(ipv6));
		worker->moves++;
		to = from;
		entry = search->entry[node];
		node = search->parent[node];
	}
	return to;
}

// Breadth first, so that the chain of moves is the shortest.
static struct pin *search_room(struct worker *worker, struct bucket *first, struct bucket *second, bool ipv6, uint32_t tick)
{
	struct search *search = &worker->search;
	search->count = 0;
	visit(search, first - worker->table.buckets, NO_PARENT, 0);
	visit(search, second - worker->table.buckets, NO_PARENT, 0);
	for (unsigned int node = 0; node < search->count; node++) {
		struct bucket *bucket = &worker->table.buckets[search->bucket[node]];
		for (unsigned int j = 0; j < entries_of(ipv6); j++) {
			struct bucket *other = other_bucket(&worker->table, bucket, hash_of(bucket, j, ipv6));
			struct pin *free = free_entry(worker, other, ipv6, tick);
			if (free != NULL)
				return move_chain(worker, node, j, free, ipv6);
			visit(search, other - worker->table.buckets, node, j);
		}
	}
	return NULL;
}

// A search that fails halves the next one and doubles the number of claims until then; one that succeeds ends both.
struct pin *make_room(struct worker *worker, struct bucket *first, struct bucket *second, bool ipv6, bool young, uint32_t tick)
{
	struct search *search = &worker->search;
	struct pin *pin = NULL;
	if (!young) {
		pin = free_entry(worker, first, ipv6, tick);
		if (pin == NULL)
			pin = free_entry(worker, second, ipv6, tick);
		if (pin == NULL)
			worker->claims_to_next_search--;
	}
	if (pin == NULL && worker->claims_to_next_search < 0) {
		pin = search_room(worker, first, second, ipv6, tick);
		search->pause = pin != NULL ? 0 : RTE_MIN(2 * search->pause + 1, SEARCH_PAUSE_MAX);
		search->limit = pin != NULL ? SEARCH_BUCKETS : RTE_MAX(search->limit / 2, SEARCH_BUCKETS_MIN);
		worker->claims_to_next_search = search->pause;
	}
	return pin;
}
