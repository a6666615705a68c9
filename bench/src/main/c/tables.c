// Fills the tables; cold. Addresses are those of the Java contender (io.l4lb.bench.polling.BenchSite).
#include "tables.h"

#include <string.h>

#include <rte_byteorder.h>
#include <rte_debug.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_udp.h>

#include "parse.h"

static void *allocate(size_t bytes)
{
	void *memory = rte_zmalloc("twin", bytes, 2 * RTE_CACHE_LINE_SIZE);
	if (memory == NULL)
		rte_exit(1, "no memory for a table of %zu bytes\n", bytes);
	return memory;
}

// 198.51.100.1 and 2001:db8:ffff::1 and those that follow, TCP 80.
static void vip_address(bool ipv6, uint32_t index, uint64_t address[2])
{
	address[0] = ipv6 ? rte_cpu_to_be_64(0x20010db8ffff0000) : rte_cpu_to_be_32(RTE_IPV4(198, 51, 100, 1) + index);
	address[1] = ipv6 ? rte_cpu_to_be_64(1 + index) : 0;
}

static void vips_fill(struct tables *tables, const struct settings *settings)
{
	uint32_t places = rte_align32pow2(settings->vips * 4);
	tables->vips = allocate(places * sizeof(struct vip));
	tables->vip_mask = places - 1;
	for (uint32_t i = 0; i < settings->vips; i++) {
		struct vip vip = {.l4_port_be = rte_cpu_to_be_16(80), .protocol = IPPROTO_TCP, .used = 1, .number = i};
		vip_address(settings->ipv6, i, vip.address);
		uint32_t place = vip_place(vip.address[0], vip.address[1], vip.l4_port_be, vip.protocol);
		while (tables->vips[place & tables->vip_mask].used)
			place++;
		tables->vips[place & tables->vip_mask] = vip;
	}
}

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

// Maglev's population (NSDI 2016, 3.4), equal weights; offsets and skips drawn at random.
static void ring_fill(struct tables *tables, uint32_t backends, uint32_t slots)
{
	uint64_t seed = 42;
	uint32_t offset[backends], skip[backends], next[backends], filled = 0;
	tables->ring = allocate(slots * sizeof(uint32_t));
	tables->ring_slots = slots;
	for (uint32_t i = 0; i < backends; i++) {
		offset[i] = next_random(&seed) % slots;
		skip[i] = next_random(&seed) % (slots - 1) + 1;
		next[i] = 0;
	}
	memset(tables->ring, 0xff, slots * sizeof(uint32_t));
	for (uint32_t i = 0; filled < slots; i = i + 1 == backends ? 0 : i + 1) {
		uint32_t slot;
		do
			slot = (uint32_t)((offset[i] + (uint64_t)next[i]++ * skip[i]) % slots);
		while (tables->ring[slot] != UINT32_MAX);
		tables->ring[slot] = i;
		filled++;
	}
}

// Outer source 192.0.2.1, backends from 10.200.0.1 on; the length, DSCP/ECN and checksum are filled in per packet.
static uint8_t *outer_ipv4(struct backend *backend, uint32_t index, bool gue)
{
	struct rte_ipv4_hdr *ip = (void *)(backend->header + ETHERNET_BYTES);
	ip->version_ihl = RTE_IPV4_VHL_DEF;
	ip->fragment_offset = rte_cpu_to_be_16(RTE_IPV4_HDR_DF_FLAG);
	ip->time_to_live = 64;
	ip->next_proto_id = gue ? IPPROTO_UDP : IPPROTO_IPIP;
	ip->src_addr = rte_cpu_to_be_32(RTE_IPV4(192, 0, 2, 1));
	ip->dst_addr = rte_cpu_to_be_32(RTE_IPV4(10, 200, 0, 1) + index);
	backend->checksum_base = (uint16_t)~rte_ipv4_cksum(ip);
	return (uint8_t *)(ip + 1);
}

// Outer source 2001:db8::1, backends from 2001:db8:200::1 on.
static uint8_t *outer_ipv6(struct backend *backend, uint32_t index, bool gue)
{
	struct rte_ipv6_hdr *ip = (void *)(backend->header + ETHERNET_BYTES);
	const uint64_t source[2] = {rte_cpu_to_be_64(0x20010db800000000), rte_cpu_to_be_64(1)};
	const uint64_t destination[2] = {rte_cpu_to_be_64(0x20010db802000000), rte_cpu_to_be_64(1 + index)};
	ip->vtc_flow = rte_cpu_to_be_32(6u << 28);
	ip->proto = gue ? IPPROTO_UDP : IPPROTO_IPV6;
	ip->hop_limits = 64;
	memcpy(ip->src_addr, source, sizeof(source));
	memcpy(ip->dst_addr, destination, sizeof(destination));
	return (uint8_t *)(ip + 1);
}

static void backends_fill(struct tables *tables, const struct settings *settings)
{
	tables->backends = allocate(settings->backends * sizeof(struct backend));
	for (uint32_t i = 0; i < settings->backends; i++) {
		struct backend *backend = &tables->backends[i];
		struct rte_ether_hdr *ethernet = (void *)backend->header;
		memcpy(&ethernet->dst_addr, "\x02\x00\x00\x00\x00\x01", RTE_ETHER_ADDR_LEN);
		memcpy(&ethernet->src_addr, "\x02\x00\x00\x00\x00\x02", RTE_ETHER_ADDR_LEN);
		ethernet->ether_type = rte_cpu_to_be_16(settings->ipv6 ? RTE_ETHER_TYPE_IPV6 : RTE_ETHER_TYPE_IPV4);
		uint8_t *end = settings->ipv6 ? outer_ipv6(backend, i, settings->gue) : outer_ipv4(backend, i, settings->gue);
		if (settings->gue) {
			struct rte_udp_hdr *udp = (void *)end;
			udp->dst_port = rte_cpu_to_be_16(GUE_PORT);
			end[9] = settings->ipv6 ? IPPROTO_IPV6 : IPPROTO_IPIP; // GUE variant 0: flags 0, protocol, reserved
		}
	}
}

// Only the client's packets pass here. A SYN proves nothing; FIN and RST close; a second packet establishes.
static void next_states_fill(struct tables *tables)
{
	for (int state = HALF_OPEN; state < STATES; state++) {
		tables->next_state[state][DATA] = state == CLOSING ? CLOSING : ESTABLISHED;
		tables->next_state[state][OPEN] = state == UNPROVEN ? HALF_OPEN : state;
		tables->next_state[state][CLOSE] = CLOSING;
	}
	tables->next_state[FREE][DATA] = UNPROVEN;
	tables->next_state[FREE][OPEN] = HALF_OPEN;
	tables->next_state[FREE][CLOSE] = CLOSING;
}

// The pipeline's defaults, in ticks of 2^28 ns.
static void idle_ticks_fill(struct tables *tables)
{
	const uint32_t seconds[STATES] = {[HALF_OPEN] = 75, [UNPROVEN] = 900, [CLOSING] = 240, [ESTABLISHED] = 900};
	for (int state = HALF_OPEN; state < STATES; state++)
		tables->idle_ticks[state] = (uint32_t)((seconds[state] * 1000000000ull >> 28) + 2);
	tables->young_mask = rte_align32prevpow2(tables->idle_ticks[HALF_OPEN]) - 1; // the shortest
}

void tables_build(struct tables *tables, const struct settings *settings)
{
	vips_fill(tables, settings);
	ring_fill(tables, settings->backends, settings->ring_slots);
	backends_fill(tables, settings);
	next_states_fill(tables);
	idle_ticks_fill(tables);
	tables->usable = allocate(settings->backends);
	memset(tables->usable, 1, settings->backends);
}

void worker_build(struct worker *worker, const struct tables *tables, const struct settings *settings, uint16_t eth_port)
{
	size_t buckets = (size_t)(settings->ipv6 ? 2 : 1) << settings->bucket_bits;
	size_t backend_bytes = settings->backends * sizeof(struct backend);
	*worker = (struct worker){.tables = tables, .eth_port = eth_port, .search.limit = SEARCH_BUCKETS};
	worker->backends = allocate(backend_bytes);
	memcpy(worker->backends, tables->backends, backend_bytes);
	worker->vip_traffic = allocate(settings->vips * sizeof(struct traffic));
	worker->table = (struct flow_table){
		.buckets = allocate(buckets * sizeof(struct bucket)), .bucket_mask = buckets - 1, .usable = tables->usable};
}
