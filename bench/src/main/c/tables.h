// What the twin forwards by: VIPs, backends with the template of their outer header, the Maglev ring, flow buckets.
#ifndef L4LB_TWIN_TABLES_H
#define L4LB_TWIN_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#define HEADER_MAX 66    // Ethernet, IPv6, UDP, GUE
#define ETHERNET_BYTES 14
#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define GUE_BYTES 12 // UDP and GUE
#define GUE_PORT 6080

enum state { FREE, HALF_OPEN, UNPROVEN, CLOSING, ESTABLISHED, STATES };
enum event { DATA, OPEN, CLOSE, EVENTS };

// The last 8 bytes of an entry of either family. life: state in the high 8 bits, tick last seen in the low 24; 0: free.
struct pin {
	uint32_t backend;
	uint32_t life;
};

struct flow4 {
	uint64_t key; // client address, client port, VIP number + 1
	struct pin pin;
};

struct flow6 {
	uint64_t address[2];
	uint64_t key; // client port, VIP number + 1
	struct pin pin;
};

// One cache line.
struct bucket {
	union {
		struct flow4 flow4[4];
		struct flow6 flow6[2];
	};
} __rte_cache_aligned;

// What a look-up reads.
struct flow_table {
	struct bucket *buckets;
	uint32_t bucket_mask;
	const uint8_t *usable; // by backend; flows of one that is not choose anew
};

#define SEARCH_BUCKETS 64

// A breadth-first search for a chain of entries that can move.
struct search {
	uint32_t bucket[SEARCH_BUCKETS], parent[SEARCH_BUCKETS];
	uint8_t entry[SEARCH_BUCKETS];
	uint32_t count, limit, pause;
};

// The first line holds all that an outer IPv4 header needs, GUE's 46 bytes included.
struct backend {
	uint64_t packets, bytes;
	uint16_t checksum_base; // sum of the outer IPv4 header without DSCP/ECN, length and checksum
	uint8_t header[HEADER_MAX];
} __rte_cache_aligned;

struct vip {
	uint64_t address[2]; // memory order; IPv4: low 32 bits of the first
	uint16_t l4_port_be;
	uint8_t protocol;
	uint8_t used;
	uint32_t number;
};

struct traffic {
	uint64_t packets, bytes;
};

struct settings {
	bool ipv6, gue;
	unsigned int vips, backends, ring_slots, bucket_bits, workers, mbufs, data_room, burst, captured, variants;
};

// Read by all workers, written by none once they run.
struct tables {
	struct vip *vips;
	uint32_t vip_mask;
	uint32_t *ring;
	uint32_t ring_slots; // a prime
	struct backend *backends; // templates; each worker has a copy, with its counters in it
	uint8_t *usable;
	uint8_t next_state[STATES][EVENTS];
	uint32_t idle_ticks[STATES];
	uint32_t young_mask; // a flow whose age has no bit beyond these is within every idle time
};

// One worker's own; line-aligned, so that no two write to one line.
struct worker {
	const struct tables *tables;
	struct backend *backends;
	struct traffic *vip_traffic;
	struct flow_table table;
	int32_t claims_to_next_search;
	uint32_t sweep_bucket, bursts;
	uint16_t eth_port; // of its own, with one queue each way
	uint32_t pattern, pattern_packets;
	uint64_t packets, hits, misses, evictions, drops;
	uint64_t flows, expirations, repins, moves, unpinned;
	struct search search;
	uint64_t cpu_ns, wall_ns, preempted;
} __rte_cache_aligned;

void tables_build(struct tables *tables, const struct settings *settings);
void worker_build(struct worker *worker, const struct tables *tables, const struct settings *settings, uint16_t eth_port);

#endif
