// The twin: a layer-4 load balancer in C over DPDK, doing the work of the Java pipeline on the same packets through the
// same driver. The yardstick of `./l4lb bench forward`, which starts it; by hand:
//
//   lbtwin EAL-OPTIONS -- [-m rxfree|fwd|mac|lb|maglev|new] [-f ipv4|ipv6] [-e ipip|gue] [-t log2 of buckets]
//                         [-v VIPs] [-b backends] [-w workers] [-n mbufs] [-d data room of an mbuf] [-c]
//
// It says READY, then obeys lines on its standard input and answers each with one line:
//
//   run WARM SECONDS     polls WARM seconds unmeasured and SECONDS measured: RESULT name=value …
//   (end of input)       leaves
//
// While it waits for a line it does not poll. -c prints the first forwarded frames as hex and leaves.
//
// Same as the pipeline: 32-packet bursts, every length checked, TCP state, exact flow, Maglev on a miss, template with
// DSCP/ECN copied and incremental checksum, padding trimmed, counters per VIP and backend. Not the same: one choice of a
// bucket of four in place of two choices and moves; CRC32 in place of a portable hash; the fast path only (no options,
// tags, fragments, ICMP); no expiry by time; a clock read in 256 bursts in place of one a burst.
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

static struct settings settings = {.vips = 1, .backends = 100, .bucket_bits = 20, .workers = 1, .mbufs = 16384,
				   .data_room = 256};
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

// Makes the packets flows not seen before: the client's last four address bytes, changed from burst to burst.
static __rte_always_inline void make_new(struct rte_mbuf **mbufs, uint16_t count, uint32_t burst, bool ipv6)
{
	for (uint16_t i = 0; i < count; i++) {
		uint8_t *field = rte_pktmbuf_mtod(mbufs[i], uint8_t *) + ETHERNET_BYTES + (ipv6 ? 20 : 12);
		uint32_t address;
		memcpy(&address, field, sizeof(address));
		address ^= burst * SPREAD;
		memcpy(field, &address, sizeof(address));
	}
}

static __rte_always_inline void poll_until(struct worker *worker, uint64_t until_ns, enum mode how, struct shape shape)
{
	struct rte_mbuf *mbufs[BURST];
	uint64_t now_ns;
	while ((now_ns = clock_ns(CLOCK_MONOTONIC)) < until_ns)
		for (int pass = 0; pass < PASSES; pass++) {
			uint16_t count = rte_eth_rx_burst(0, worker->queue, mbufs, BURST);
			worker->packets += count;
			worker->bursts++;
			if (how == RXFREE) {
				rte_pktmbuf_free_bulk(mbufs, count);
				continue;
			}
			if (how == MAC)
				set_macs(mbufs, count);
			if (how == NEW)
				make_new(mbufs, count, (uint32_t)worker->bursts, shape.ipv6);
			if (how >= LB)
				count = balance(worker, mbufs, count, (now_ns >> TICK_NS_SHIFT) & TICK_MASK, shape);
			uint16_t sent = rte_eth_tx_burst(0, worker->queue, mbufs, count);
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

static void start_eth_port(void)
{
	struct rte_eth_conf conf = {0};
	struct rte_mempool *pool = rte_pktmbuf_pool_create("twin", settings.mbufs, POOL_CACHE, 0, settings.data_room, rte_socket_id());
	if (pool == NULL)
		rte_exit(1, "no memory for %u mbufs\n", settings.mbufs);
	if (rte_eth_dev_configure(0, settings.workers, settings.workers, &conf))
		rte_exit(1, "cannot configure the ethPort\n");
	for (unsigned int queue = 0; queue < settings.workers; queue++)
		if (rte_eth_rx_queue_setup(0, queue, DESCRIPTORS, rte_socket_id(), NULL, pool) ||
		    rte_eth_tx_queue_setup(0, queue, DESCRIPTORS, rte_socket_id(), NULL))
			rte_exit(1, "cannot set up queue %u: are there more packets in the file than mbufs?\n", queue);
	if (rte_eth_dev_start(0))
		rte_exit(1, "cannot start the ethPort\n");
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
	for (int option; (option = getopt(argc, argv, "m:f:e:t:v:b:w:n:d:c")) != -1;)
		switch (option) {
		case 'm': mode = parse_mode(optarg); break;
		case 'f': settings.ipv6 = strcmp(optarg, "ipv6") == 0; break;
		case 'e': settings.gue = strcmp(optarg, "gue") == 0; break;
		case 't': settings.bucket_bits = atoi(optarg); break;
		case 'v': settings.vips = atoi(optarg); break;
		case 'b': settings.backends = atoi(optarg); break;
		case 'w': settings.workers = atoi(optarg); break;
		case 'n': settings.mbufs = atoi(optarg); break;
		case 'd': settings.data_room = atoi(optarg); break;
		case 'c': check = true; break;
		default: rte_exit(2, "see the head of lbtwin.c\n");
		}
	if (settings.workers != rte_lcore_count())
		rte_exit(2, "%u workers need as many lcores (-l)\n", settings.workers);
}

int main(int argc, char **argv)
{
	int eal_arguments = rte_eal_init(argc, argv);
	if (eal_arguments < 0)
		rte_exit(1, "cannot start the EAL\n");
	parse_options(argc - eal_arguments, argv + eal_arguments);
	start_eth_port();
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
