// The floor of `./l4lb bench stall`: a C loop that polls the same device on the same CPU and writes down the gap between
// every two passes. What it waits for is the machine's doing, not the program's. Started by the benchmark; by hand:
//
//   stallfloor EAL-OPTIONS          one lcore; the first device is polled
//
// It says READY, then obeys lines on its standard input and answers each with four lines:
//
//   run WARM SECONDS LOAD    polls; LOAD 1: with a control side on the other CPUs, which allocates 100 MB/s and fills
//                            tables without pause. GAPS stopped|preempted|other VALUE:COUNT … (ns), then RESULT name=value …
//   (end of input)           leaves
//
// The passes do what DPDK's testpmd does: receive 32 packets, write both MACs, send.
#define _GNU_SOURCE
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_version.h>

#define BURST 32
#define MBUFS 131071
#define DATA_ROOM 256
#define POOL_CACHE 256
#define DESCRIPTORS 1024
#define NS 1000000000ull
#define MAC_BYTES 12

// Gaps of less than 2^11 ns one by one, longer ones in 2^10 steps an octave: three decimal digits.
#define STEP_BITS 10
#define STEPS (1 << STEP_BITS)
#define BUCKETS (2 * STEPS + 40 * STEPS)
#define ASK_FROM_NS 10000 // as GapRecorder.java

#define LOAD_TABLES 100
#define LOAD_SLOTS 65537
#define LOAD_BACKENDS 1000
#define LOAD_CHUNK 65536
#define LOAD_CHUNKS 1024 // alive at a time: 64 MiB
#define LOAD_BYTES_A_SECOND 100000000ull

enum cause { STOPPED, PREEMPTED, OTHER, CAUSES };
static const char *const cause_names[] = {"stopped", "preempted", "other"};

static uint64_t gaps[CAUSES][BUCKETS];
static atomic_bool load_runs;
static uint64_t load_allocated, load_rebuilds;
static cpu_set_t load_cpus;

static uint64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS + now.tv_nsec;
}

static inline unsigned int bucket_of(uint64_t ns)
{
	if (ns < 2 * STEPS)
		return ns;
	unsigned int shift = 63 - __builtin_clzll(ns) - STEP_BITS;
	unsigned int bucket = shift * STEPS + (ns >> shift);
	return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static uint64_t value_of(unsigned int bucket)
{
	if (bucket < 2 * STEPS)
		return bucket;
	unsigned int shift = bucket / STEPS - 1;
	return (uint64_t)(bucket - shift * STEPS) << shift;
}

static void read_switches(long *voluntary, long *involuntary)
{
	struct rusage usage;
	getrusage(RUSAGE_THREAD, &usage);
	*voluntary = usage.ru_nvcsw;
	*involuntary = usage.ru_nivcsw;
}

static uint64_t pass(void)
{
	struct rte_mbuf *mbufs[BURST];
	uint16_t count = rte_eth_rx_burst(0, 0, mbufs, BURST);
	for (uint16_t i = 0; i < count; i++)
		memcpy(rte_pktmbuf_mtod(mbufs[i], void *), "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02", MAC_BYTES);
	uint16_t sent = rte_eth_tx_burst(0, 0, mbufs, count);
	if (unlikely(sent < count))
		rte_pktmbuf_free_bulk(mbufs + sent, count - sent);
	return count;
}

static uint64_t poll_until(uint64_t until_ns, bool record)
{
	uint64_t packets = 0, last_ns = now_ns();
	long voluntary, involuntary, voluntary_now, involuntary_now;
	read_switches(&voluntary, &involuntary);
	while (last_ns < until_ns) {
		packets += pass();
		uint64_t at_ns = now_ns(), gap_ns = at_ns - last_ns;
		last_ns = at_ns;
		if (!record)
			continue;
		enum cause cause = OTHER;
		if (unlikely(gap_ns >= ASK_FROM_NS)) {
			read_switches(&voluntary_now, &involuntary_now);
			cause = voluntary_now != voluntary ? STOPPED : involuntary_now != involuntary ? PREEMPTED : OTHER;
			voluntary = voluntary_now;
			involuntary = involuntary_now;
		}
		gaps[cause][bucket_of(gap_ns)]++;
	}
	return packets;
}

// A permutation's next backend for the next free slot, as Maglev does it: the memory traffic of filling a table.
static void fill(uint32_t *slots, uint32_t seed)
{
	memset(slots, 0, LOAD_SLOTS * sizeof(*slots));
	for (uint32_t filled = 0, backend = 0; filled < LOAD_SLOTS; backend = (backend + 1) % LOAD_BACKENDS) {
		uint32_t slot = (seed * 2654435761u + backend * 40503u + filled) % LOAD_SLOTS;
		while (slots[slot] != 0)
			slot = (slot + 1 + backend) % LOAD_SLOTS;
		slots[slot] = backend + 1;
		filled++;
	}
}

static void allocate(uint8_t **chunks, uint64_t *number)
{
	uint8_t **chunk = &chunks[*number * 2654435761u % LOAD_CHUNKS];
	free(*chunk);
	*chunk = malloc(LOAD_CHUNK);
	memset(*chunk, (int)*number, LOAD_CHUNK);
	++*number;
	load_allocated += LOAD_CHUNK;
}

static void *load(void *unused)
{
	static uint8_t *chunks[LOAD_CHUNKS];
	uint32_t *tables = malloc(LOAD_TABLES * LOAD_SLOTS * sizeof(*tables));
	uint64_t start_ns = now_ns(), chunk = 0, tables_filled = 0;
	while (load_runs) {
		while (load_allocated < (now_ns() - start_ns) / (double)NS * LOAD_BYTES_A_SECOND)
			allocate(chunks, &chunk);
		fill(tables + tables_filled % LOAD_TABLES * LOAD_SLOTS, tables_filled);
		load_rebuilds = ++tables_filled / LOAD_TABLES;
	}
	free(tables);
	for (unsigned int i = 0; i < LOAD_CHUNKS; i++) {
		free(chunks[i]);
		chunks[i] = NULL;
	}
	return unused;
}

static void report(uint64_t packets, uint64_t wall_ns)
{
	uint64_t passes = 0;
	for (int cause = 0; cause < CAUSES; cause++) {
		printf("GAPS %s", cause_names[cause]);
		for (unsigned int i = 0; i < BUCKETS; i++)
			if (gaps[cause][i] != 0) {
				printf(" %" PRIu64 ":%" PRIu64, value_of(i), gaps[cause][i]);
				passes += gaps[cause][i];
			}
		printf("\n");
	}
	printf("RESULT packets=%" PRIu64 " passes=%" PRIu64 " wallNs=%" PRIu64 " workerBytes=0 allocatedBytes=%" PRIu64
	       " reloads=%" PRIu64 " counterReads=0\n",
	       packets, passes, wall_ns, load_allocated, load_rebuilds);
}

static void run(double warm, double seconds, bool with_load)
{
	pthread_t thread;
	load_allocated = load_rebuilds = 0;
	load_runs = with_load;
	if (with_load) {
		pthread_attr_t attributes;
		pthread_attr_init(&attributes);
		pthread_attr_setaffinity_np(&attributes, sizeof(load_cpus), &load_cpus);
		if (pthread_create(&thread, &attributes, load, NULL))
			rte_exit(1, "cannot start the load\n");
	}
	poll_until(now_ns() + (uint64_t)(warm * NS), false);
	memset(gaps, 0, sizeof(gaps));
	uint64_t allocated = load_allocated, rebuilds = load_rebuilds, start_ns = now_ns();
	uint64_t packets = poll_until(start_ns + (uint64_t)(seconds * NS), true);
	uint64_t wall_ns = now_ns() - start_ns;
	load_runs = false;
	if (with_load)
		pthread_join(thread, NULL);
	load_allocated -= allocated;
	load_rebuilds -= rebuilds;
	report(packets, wall_ns);
}

static void start_eth_port(void)
{
	struct rte_eth_conf conf = {0};
	struct rte_mempool *pool = rte_pktmbuf_pool_create("floor", MBUFS, POOL_CACHE, 0, DATA_ROOM, rte_socket_id());
	if (pool == NULL)
		rte_exit(1, "no memory for %u mbufs\n", MBUFS);
	if (rte_eth_dev_configure(0, 1, 1, &conf) || rte_eth_rx_queue_setup(0, 0, DESCRIPTORS, rte_socket_id(), NULL, pool) ||
	    rte_eth_tx_queue_setup(0, 0, DESCRIPTORS, rte_socket_id(), NULL) || rte_eth_dev_start(0))
		rte_exit(1, "cannot start the ethPort\n");
}

int main(int argc, char **argv)
{
	sched_getaffinity(0, sizeof(load_cpus), &load_cpus); // before the EAL binds us
	if (rte_eal_init(argc, argv) < 0)
		rte_exit(1, "cannot start the EAL\n");
	CPU_CLR(sched_getcpu(), &load_cpus);
	if (CPU_COUNT(&load_cpus) == 0)
		rte_exit(1, "one CPU alone: none is left for a load\n");
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	start_eth_port();
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	printf("READY dpdk=%s\n", rte_version());
	char line[80];
	double warm, seconds;
	int with_load;
	while (fgets(line, sizeof(line), stdin) != NULL)
		if (sscanf(line, "run %lf %lf %d", &warm, &seconds, &with_load) == 3)
			run(warm, seconds, with_load);
	rte_eth_dev_stop(0);
	rte_eth_dev_close(0);
	return rte_eal_cleanup();
}
