// A burst as columns, and the shape of the loop that works on it.
#ifndef L4LB_TWIN_PACKETS_H
#define L4LB_TWIN_PACKETS_H

#include <immintrin.h>

#include <rte_mbuf.h>

#include "tables.h"

#define BURST 32
#define HASH_SEED 0x9747b28c

static __rte_always_inline uint32_t hash4(uint64_t key)
{
	return (uint32_t)_mm_crc32_u64(HASH_SEED, key);
}

static __rte_always_inline uint32_t hash6(const uint64_t address[2], uint64_t key)
{
	return (uint32_t)_mm_crc32_u64(_mm_crc32_u64(_mm_crc32_u64(HASH_SEED, address[0]), address[1]), key);
}

struct shape {
	bool ipv6, gue, maglev; // maglev: without the flow table
};

struct packets {
	struct rte_mbuf *mbuf[BURST];
	uint64_t address[BURST][2]; // the client's; IPv6 only
	uint64_t key[BURST];
	uint32_t hash[BURST];
	uint32_t vip[BURST];
	uint32_t backend[BURST];
	uint16_t inner_bytes[BURST];
	uint8_t event[BURST];
};

#endif
