// What the twin forwards by: VIPs, backends with the template of their outer header, the Maglev ring, flow buckets.
#ifndef L4LB_TWIN_TABLES_H
#define L4LB_TWIN_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#define RING_SLOTS 65537 // the pipeline's default table size
#define HEADER_MAX 66    // Ethernet, IPv6, UDP, GUE
#define ETHERNET_BYTES 14
#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define GUE_BYTES 12 // UDP and GUE
#define GUE_PORT 6080

enum state { FREE, HALF_OPEN, UNPROVEN, CLOSING, ESTABLISHED, STATES };
enum event { DATA, OPEN, CLOSE, EVENTS };

// 16 bytes; a bucket of four is one cache line. life: state in the high 8 bits, tick last seen in the low 24; 0: free.
struct flow4 {
	uint64_t key; // client address, client port, VIP number + 1
	uint32_t backend;
	uint32_t life;
};
struct bucket4 {
	struct flow4 flow[4];
} __rte_cache_aligned;

// 32 bytes; a bucket of four is two lines. The line that the hash names is the flow's own, the other one takes what
// overflows from it, so that nearly every look-up reads one line.
struct flow6 {
	uint64_t address[2];
	uint64_t key; // client port, VIP number + 1
	uint32_t backend;
	uint32_t life;
};
struct line6 {
	struct flow6 flow[2];
} __rte_cache_aligned;

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
	unsigned int vips, backends, bucket_bits, workers, mbufs, data_room;
};

// Read by all workers, written by none once they run.
struct tables {
	struct vip *vips;
	uint32_t vip_mask;
	uint32_t *ring;
	struct backend *backends; // templates; each worker has a copy, with its counters in it
	uint8_t next_state[STATES][EVENTS];
};

// One worker's own; line-aligned, so that no two write to one line.
struct worker {
	const struct tables *tables;
	struct backend *backends;
	struct traffic *vip_traffic;
	struct bucket4 *buckets4;
	struct line6 *lines6;
	uint32_t bucket_mask;
	uint16_t queue;
	uint64_t bursts, packets, hits, misses, evictions, drops;
	uint64_t cpu_ns, wall_ns, preempted;
} __rte_cache_aligned;

void tables_build(struct tables *tables, const struct settings *settings);
void worker_build(struct worker *worker, const struct tables *tables, const struct settings *settings, uint16_t queue);

#endif
