// The twin: a layer-4 load balancer in C over DPDK, doing the work of the Java pipeline on the same packets through the
// same driver. The yardstick of `./l4lb bench forward`, which starts it; by hand:
//
//   lbtwin EAL-OPTIONS -- [-m rxfree|fwd|mac|lb|maglev|new] [-f ipv4|ipv6] [-e ipip|gue] [-t log2 of buckets]
//                         [-v VIPs] [-b backends] [-s slots of the ring] [-w workers] [-n mbufs]
//                         [-d data room of an mbuf] [-u packets of a burst] [-k packets of the file]
//                         [-x variants] [-c]
//
// Each worker has an ethPort of its own, in the order of the EAL. -k and -x: each packet of the file
// stands for so many flows: 1,000 packets in 10,000 variants give 10 million flows.
//
// It says READY, then obeys lines on its standard input and answers each with one line:
//
//   run WARM SECONDS     polls WARM seconds unmeasured and SECONDS measured: RESULT name=value …
//   (end of input)       leaves
//
// While it waits for a line it does not poll. -c prints the first forwarded frames as hex and leaves.
//
// Same as the pipeline: 32-packet bursts, every length checked, TCP state, exact flow, Maglev on a miss, template with
// DSCP/ECN copied and incremental checksum, padding trimmed, counters per VIP and backend, two-choice flow
// table with moves, expiry, sweep and check of the backend. Not the same: CRC32 in place of a portable hash; the fast path only (no
// options, tags, fragments, ICMP); one idle time a state (TCP's); a clock read in 256 bursts in place of one in 16.
#define _GNU_SOURCE
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_version.h>

#include "balance.h"

#define PASSES 256 // between two looks at the clock
#define TICK_NS_SHIFT 28
#define POOL_CACHE 256
#define DESCRIPTORS 1024
#define SPREAD 2654435761u // odd: every burst number gives another pattern
#define NS 1000000000ull

enum mode { RXFREE, FWD, MAC, LB, MAGLEV, NEW };
static const char *const mode_names[] = {"rxfree", "fwd", "mac", "lb", "maglev", "new"};

static struct settings settings = {.vips = 1, .backends = 100, .ring_slots = 65537, .bucket_bits = 20, .workers = 1,
				   .mbufs = 16384, .data_room = 256, .burst = BURST, .captured = 1, .variants = 1};
static enum mode mode = LB;
static bool check;
static struct tables tables;
static struct worker *workers;
static double run_seconds;

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return now.tv_sec * NS + now.tv_nsec;
}

// As testpmd's forward mode "mac" does.
static __rte_always_inline void set_macs(struct rte_mbuf **mbufs, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++)
		memcpy(rte_pktmbuf_mtod(mbufs[i], void *), "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02", 12);
}

// Makes the packets other flows than those in the file: the client's last four address bytes, changed from burst to burst
// (mode new: flows not seen before) or each time round the file, through all variants.
static __rte_always_inline void change_clients(struct worker *worker, struct rte_mbuf **mbufs, uint16_t count, bool each_burst)
{
	const bool ipv6 = settings.ipv6;
	worker->pattern_packets += count;
	if (each_burst || worker->pattern_packets >= settings.captured) {
		worker->pattern_packets = 0;
		worker->pattern = each_burst || worker->pattern + 1 < settings.variants ? worker->pattern + 1 : 0;
	}
	const uint32_t pattern = worker->pattern * SPREAD;
	for (uint16_t i = 0; i < count; i++) {
		uint8_t *field = rte_pktmbuf_mtod(mbufs[i], uint8_t *) + ETHERNET_BYTES + (ipv6 ? 20 : 12);
		uint32_t address;
		memcpy(&address, field, sizeof(address));
		address ^= pattern;
		memcpy(field, &address, sizeof(address));
	}
}

static __rte_always_inline void poll_until(struct worker *worker, uint64_t until_ns, enum mode how, struct shape shape)
{
	struct rte_mbuf *mbufs[BURST];
	uint64_t now_ns;
	while ((now_ns = clock_ns(CLOCK_MONOTONIC)) < until_ns)
		for (int pass = 0; pass < PASSES; pass++) {
			uint16_t count = rte_eth_rx_burst(worker->eth_port, 0, mbufs, settings.burst);
			worker->packets += count;
			if (how == NEW || settings.variants > 1)
				change_clients(worker, mbufs, count, how == NEW);
			if (how == RXFREE) {
				rte_pktmbuf_free_bulk(mbufs, count);
				continue;
			}
			if (how == MAC)
				set_macs(mbufs, count);
			if (how >= LB)
				count = balance(worker, mbufs, count, (now_ns >> TICK_NS_SHIFT) & TICK_MASK, shape);
			uint16_t sent = rte_eth_tx_burst(worker->eth_port, 0, mbufs, count);
			if (unlikely(sent < count)) {
				worker->drops += count - sent;
				rte_pktmbuf_free_bulk(mbufs + sent, count - sent);
			}
		}
}

#define POLL(how, v6, with_gue)                                                                                                \
	if (mode == how && settings.ipv6 == v6 && settings.gue == with_gue)                                                    \
		poll_until(worker, until_ns, how, (struct shape){.ipv6 = v6, .gue = with_gue, .maglev = how == MAGLEV});
#define POLL_EACH_SHAPE(how) POLL(how, false, false) POLL(how, false, true) POLL(how, true, false) POLL(how, true, true)

static __rte_noinline void poll_for(struct worker *worker, double seconds)
{
	uint64_t until_ns = clock_ns(CLOCK_MONOTONIC) + (uint64_t)(seconds * NS);
	switch (mode) {
	case RXFREE: poll_until(worker, until_ns, RXFREE, (struct shape){0}); break;
	case FWD: poll_until(worker, until_ns, FWD, (struct shape){0}); break;
	case MAC: poll_until(worker, until_ns, MAC, (struct shape){0}); break;
	case LB: POLL_EACH_SHAPE(LB); break;
	case MAGLEV: POLL_EACH_SHAPE(MAGLEV); break;
	case NEW: POLL_EACH_SHAPE(NEW); break;
	}
}

// One worker's share of a run, on its lcore.
static int work(void *argument)
{
	struct worker *worker = &((struct worker *)argument)[rte_lcore_index(-1)];
	struct rusage before, after;
	getrusage(RUSAGE_THREAD, &before);
	worker->packets = worker->hits = worker->misses = worker->evictions = worker->drops = 0;
	uint64_t cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID), wall_ns = clock_ns(CLOCK_MONOTONIC);
	poll_for(worker, run_seconds);
	worker->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
	worker->wall_ns = clock_ns(CLOCK_MONOTONIC) - wall_ns;
	getrusage(RUSAGE_THREAD, &after);
	worker->preempted = after.ru_nivcsw - before.ru_nivcsw;
	return 0;
}

static void run(double seconds)
{
	run_seconds = seconds;
	rte_eal_mp_remote_launch(work, workers, CALL_MAIN);
	rte_eal_mp_wait_lcore();
}

static void report(void)
{
	struct worker sum = {0};
	for (unsigned int i = 0; i < settings.workers; i++) {
		sum.packets += workers[i].packets;
		sum.cpu_ns += workers[i].cpu_ns;
		sum.wall_ns = RTE_MAX(sum.wall_ns, workers[i].wall_ns);
		sum.preempted += workers[i].preempted;
		sum.hits += workers[i].hits;
		sum.misses += workers[i].misses;
		sum.evictions += workers[i].evictions;
		sum.drops += workers[i].drops;
	}
	printf("RESULT packets=%" PRIu64 " cpuNs=%" PRIu64 " wallNs=%" PRIu64 " preempted=%" PRIu64
	       " allocatedBytes=0 hits=%" PRIu64 " misses=%" PRIu64 " evictions=%" PRIu64 " drops=%" PRIu64 "\n",
	       sum.packets, sum.cpu_ns, sum.wall_ns, sum.preempted, sum.hits, sum.misses, sum.evictions, sum.drops);
}

static void print_frames(void)
{
	struct rte_mbuf *mbufs[BURST];
	struct shape shape = {.ipv6 = settings.ipv6, .gue = settings.gue};
	uint16_t count = balance(&workers[0], mbufs, rte_eth_rx_burst(0, 0, mbufs, BURST), 1, shape);
	for (uint16_t i = 0; i < count; i++) {
		for (unsigned int j = 0; j < mbufs[i]->data_len; j++)
			printf("%02x", rte_pktmbuf_mtod(mbufs[i], uint8_t *)[j]);
		printf("\n");
	}
}

static void start_eth_port(uint16_t eth_port, struct rte_mempool *pool)
{
	struct rte_eth_conf conf = {0};
	if (rte_eth_dev_configure(eth_port, 1, 1, &conf))
		rte_exit(1, "cannot configure ethPort %u\n", eth_port);
	if (rte_eth_rx_queue_setup(eth_port, 0, DESCRIPTORS, rte_socket_id(), NULL, pool) ||
	    rte_eth_tx_queue_setup(eth_port, 0, DESCRIPTORS, rte_socket_id(), NULL))
		rte_exit(1, "cannot set up the queues of ethPort %u: are there more packets in the file than mbufs?\n", eth_port);
	if (rte_eth_dev_start(eth_port))
		rte_exit(1, "cannot start ethPort %u\n", eth_port);
}

static void start_eth_ports(void)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create("twin", settings.mbufs, POOL_CACHE, 0, settings.data_room, rte_socket_id());
	if (pool == NULL)
		rte_exit(1, "no memory for %u mbufs\n", settings.mbufs);
	for (unsigned int i = 0; i < settings.workers; i++)
		start_eth_port(i, pool);
}

static enum mode parse_mode(const char *name)
{
	for (unsigned int i = 0; i < RTE_DIM(mode_names); i++)
		if (strcmp(name, mode_names[i]) == 0)
			return i;
	rte_exit(2, "no mode %s\n", name);
}

static void parse_options(int argc, char **argv)
{
	for (int option; (option = getopt(argc, argv, "m:f:e:t:v:b:s:w:n:d:u:k:x:c")) != -1;)
		switch (option) {
		case 'm': mode = parse_mode(optarg); break;
		case 'f': settings.ipv6 = strcmp(optarg, "ipv6") == 0; break;
		case 'e': settings.gue = strcmp(optarg, "gue") == 0; break;
		case 't': settings.bucket_bits = atoi(optarg); break;
		case 'v': settings.vips = atoi(optarg); break;
		case 'b': settings.backends = atoi(optarg); break;
		case 's': settings.ring_slots = atoi(optarg); break;
		case 'w': settings.workers = atoi(optarg); break;
		case 'n': settings.mbufs = atoi(optarg); break;
		case 'd': settings.data_room = atoi(optarg); break;
		case 'u': settings.burst = atoi(optarg); break;
		case 'k': settings.captured = atoi(optarg); break;
		case 'x': settings.variants = atoi(optarg); break;
		case 'c': check = true; break;
		default: rte_exit(2, "see the head of lbtwin.c\n");
		}
	if (settings.burst < 1 || settings.burst > BURST)
		rte_exit(2, "a burst has 1 to %u packets\n", BURST);
	if (settings.workers != rte_lcore_count())
		rte_exit(2, "%u workers need as many lcores (-l)\n", settings.workers);
}

int main(int argc, char **argv)
{
	int eal_arguments = rte_eal_init(argc, argv);
	if (eal_arguments < 0)
		rte_exit(1, "cannot start the EAL\n");
	parse_options(argc - eal_arguments, argv + eal_arguments);
	start_eth_ports();
	tables_build(&tables, &settings);
	workers = rte_zmalloc("workers", settings.workers * sizeof(struct worker), RTE_CACHE_LINE_SIZE);
	for (unsigned int i = 0; i < settings.workers; i++)
		worker_build(&workers[i], &tables, &settings, i);
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	if (check) {
		print_frames();
		return 0;
	}
	printf("READY dpdk=%s\n", rte_version());
	char line[80];
	double warm, seconds;
	while (fgets(line, sizeof(line), stdin) != NULL)
		if (sscanf(line, "run %lf %lf", &warm, &seconds) == 2) {
			run(warm);
			run(seconds);
			report();
		}
	rte_eth_dev_stop(0);
	rte_eth_dev_close(0);
	return rte_eal_cleanup();
}
