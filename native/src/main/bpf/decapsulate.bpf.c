// SPDX-License-Identifier: Apache-2.0
/*
 * The backend's half of direct return: strips the outer headers that an l4lb node has put in front of a client's
 * packet and lets the kernel receive the inner packet, whose destination (the VIP) is on the backend's lo.
 * For backends without kernel tunnels; no socket, address or module is needed.
 *
 *   clang -O2 -g -target bpf -I/usr/include/$(uname -m)-linux-gnu -c decapsulate.bpf.c -o decapsulate.o
 *   ip link set dev eth0 xdp obj decapsulate.o sec xdp
 *   bpftool map dump name counters
 *
 *   off (outer IPv4 / IPv6)
 *     0       +------------------------------+
 *             | Ethernet, untagged      (14) |  kept, only its EtherType becomes the inner packet's
 *    14 / 14  +------------------------------+ -.
 *             | outer IPv4 (20..60)/IPv6 (40)|  |
 *    34 / 54  +------------------------------+  |  stripped
 *             | ipip: nothing                |  |
 *             | gue:  UDP (8), GUE (4..128)  |  |  variant 0; variant 1 is UDP (8) only
 *             | gre:  GRE (4..16)            |  |  RFC 2784, RFC 2890
 *             +------------------------------+ -'
 *             | inner IPv4 or IPv6 packet    |  untouched, but for a congestion mark (RFC 6040)
 *             +------------------------------+
 *
 * Attach it only to an interface whose tunnels are all l4lb's: every ipip, 6in4, GRE (with IP inside) and GUE packet
 * is taken for one of l4lb's, whoever sent it and whatever its outer addresses, and loses its outer headers. A tunnel
 * device of the kernel behind the same interface gets nothing any more, and who may send to the interface may send
 * with any inner source: a filter in front has to let tunnelled packets in from the nodes only.
 *
 * Left to the kernel: other protocols, VLAN tags, outer fragments, outer IPv6 extension headers, GRE that carries
 * something else. Dropped: a tunnelled packet that is broken. Both are counted.
 * UDP and GRE checksums are not verified: the inner packet's own checksums protect what the application reads.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#ifndef GUE_L4_PORT
#define GUE_L4_PORT 6080 /* `vips[].guePort` of the nodes; another one: -DGUE_L4_PORT=... */
#endif

/* Rows of four in `counters`: row * 4 + 2 if the outer header is IPv6 + 1 if the inner one is. Unit: packets. */
enum tunnel { IPIP, GUE, GUE_VARIANT1, GRE, TUNNELS };

/* The rest of `counters`, after the rows. */
enum outcome {
	LEFT_ALONE = TUNNELS * 4, /* 16: no tunnel that we know, to the kernel as it came */
	FRAGMENT,                 /* 17: fragment of whatever, to the kernel as it came */
	MALFORMED,                /* 18: dropped: cut short, lengths or versions that disagree */
	UNSUPPORTED,              /* 19: dropped: GUE control message, flags or payload we do not know */
	CONGESTED,                /* 20: dropped: congestion mark on a flow that cannot carry it on (RFC 6040) */
	NOT_STRIPPED,             /* 21: dropped: the driver refused to move the packet's start */
	COUNTERS
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

#define DECAPSULATE (-1) /* verdict of the parsers: go on; anything else is an outcome to count */

#define FRAGMENT_MASK 0x3fff /* more-fragments bit and offset */
#define ECN_MASK 3
#define ECN_CONGESTED 3

#define GUE_HEADER_BYTES 4
#define GUE_VARIANT_SHIFT 6
#define GUE_CONTROL 0x20
#define GUE_WORDS_MASK 0x1f

#define GRE_HEADER_BYTES 4
#define GRE_OPTION_BYTES 4
#define GRE_CHECKSUM 0x80
#define GRE_KEY 0x20
#define GRE_SEQUENCE 0x10

struct packet {
	void *ip; /* behind the Ethernet header */
	void *end;
	__u32 outer_bytes;  /* header that has been parsed so far, from `ip` */
	__u32 length_bytes; /* what the outer IP header says, from `ip` */
	__u32 tunnel;
	__u8 protocol; /* of what follows the parsed header */
	__u8 outer_ecn;
	__u8 outer_ipv6;
	__u8 inner_ipv6;
};

static __always_inline void count(__u32 index)
{
	__u64 *packets = bpf_map_lookup_elem(&counters, &index);

	if (packets)
		++*packets;
}

static __always_inline int parse_outer_ipv4(struct packet *p)
{
	struct iphdr *ip = p->ip;

	if ((void *)(ip + 1) > p->end || ip->version != 4 || ip->ihl < 5)
		return LEFT_ALONE; /* the kernel knows how to refuse it */
	if (ip->frag_off & bpf_htons(FRAGMENT_MASK))
		return FRAGMENT;
	p->protocol = ip->protocol;
	p->outer_bytes = ip->ihl * 4;
	p->length_bytes = bpf_ntohs(ip->tot_len);
	p->outer_ecn = ip->tos & ECN_MASK;
	return DECAPSULATE;
}

static __always_inline int parse_outer_ipv6(struct packet *p)
{
	struct ipv6hdr *ip = p->ip;

	if ((void *)(ip + 1) > p->end || ip->version != 6)
		return LEFT_ALONE;
	if (ip->nexthdr == IPPROTO_FRAGMENT)
		return FRAGMENT;
	p->protocol = ip->nexthdr;
	p->outer_ipv6 = 1;
	p->outer_bytes = sizeof(*ip);
	p->length_bytes = sizeof(*ip) + bpf_ntohs(ip->payload_len);
	p->outer_ecn = ip->flow_lbl[0] >> 4 & ECN_MASK;
	return DECAPSULATE;
}

/* Bytes [0, bytes) of the next header are readable; NULL if the packet ends before. */
static __always_inline void *next_header(struct packet *p, __u32 bytes)
{
	void *header = p->ip + p->outer_bytes;

	return header + bytes > p->end ? 0 : header;
}

static __always_inline int inner_is(struct packet *p, __u32 tunnel, __u8 protocol)
{
	p->tunnel = tunnel;
	p->inner_ipv6 = protocol == IPPROTO_IPV6;
	return protocol == IPPROTO_IPIP || protocol == IPPROTO_IPV6 ? DECAPSULATE : UNSUPPORTED;
}

static __always_inline int parse_gue(struct packet *p)
{
	struct udphdr *udp = next_header(p, sizeof(*udp));
	__u8 *gue;

	if (!udp || udp->dest != bpf_htons(GUE_L4_PORT))
		return LEFT_ALONE;
	if (bpf_ntohs(udp->len) != p->length_bytes - p->outer_bytes)
		return MALFORMED;
	p->outer_bytes += sizeof(*udp);
	gue = next_header(p, GUE_HEADER_BYTES);
	if (!gue)
		return MALFORMED;
	if (gue[0] >> GUE_VARIANT_SHIFT == 1) /* the first bits are those of an IP version: no GUE header */
		return inner_is(p, GUE_VARIANT1, gue[0] >> 4 == 6 ? IPPROTO_IPV6 : IPPROTO_IPIP);
	if (gue[0] & ~GUE_WORDS_MASK || gue[2] | gue[3]) /* control, variants 2 and 3, or fields we do not know */
		return UNSUPPORTED;
	p->outer_bytes += GUE_HEADER_BYTES + (gue[0] & GUE_WORDS_MASK) * 4;
	return inner_is(p, GUE, gue[1]);
}

static __always_inline int parse_gre(struct packet *p)
{
	__u8 *gre = next_header(p, GRE_HEADER_BYTES);
	__u32 options, type;

	if (!gre)
		return MALFORMED;
	type = gre[2] << 8 | gre[3];
	if (gre[0] & ~(GRE_CHECKSUM | GRE_KEY | GRE_SEQUENCE) || gre[1] || (type != ETH_P_IP && type != ETH_P_IPV6))
		return LEFT_ALONE; /* routing, PPTP, bridged Ethernet: another tunnel of this host */
	options = !!(gre[0] & GRE_CHECKSUM) + !!(gre[0] & GRE_KEY) + !!(gre[0] & GRE_SEQUENCE);
	p->outer_bytes += GRE_HEADER_BYTES + options * GRE_OPTION_BYTES;
	return inner_is(p, GRE, type == ETH_P_IPV6 ? IPPROTO_IPV6 : IPPROTO_IPIP);
}

static __always_inline int parse_tunnel(struct packet *p)
{
	switch (p->protocol) {
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
		return inner_is(p, IPIP, p->protocol);
	case IPPROTO_UDP:
		return parse_gue(p);
	case IPPROTO_GRE:
		return parse_gre(p);
	default:
		return LEFT_ALONE;
	}
}

/* The kernel drops what carries a congestion mark that its sender did not allow; else the mark goes on (RFC 6040). */
static __always_inline int mark_ipv4(struct iphdr *ip)
{
	__u32 ecn = ip->tos & ECN_MASK;
	__u32 checksum;

	if (!ecn)
		return CONGESTED;
	ip->tos |= ECN_CONGESTED;
	checksum = (__u16)~bpf_ntohs(ip->check) + (ECN_CONGESTED - ecn); /* RFC 1624 */
	checksum = (checksum & 0xffff) + (checksum >> 16);
	ip->check = bpf_htons(~checksum);
	return DECAPSULATE;
}

static __always_inline int mark_ipv6(struct ipv6hdr *ip)
{
	if (!(ip->flow_lbl[0] >> 4 & ECN_MASK))
		return CONGESTED;
	ip->flow_lbl[0] |= ECN_CONGESTED << 4;
	return DECAPSULATE;
}

/* The inner packet is what the tunnel says it is, and no longer than the outer header allows. */
static __always_inline int check_inner(struct packet *p)
{
	__u32 payload_bytes = p->length_bytes - p->outer_bytes;
	struct ipv6hdr *ip6 = next_header(p, sizeof(*ip6));
	struct iphdr *ip4 = next_header(p, sizeof(*ip4));

	if (p->outer_bytes > p->length_bytes || p->ip + p->length_bytes > p->end)
		return MALFORMED;
	if (p->inner_ipv6) {
		if (!ip6 || ip6->version != 6 || sizeof(*ip6) + bpf_ntohs(ip6->payload_len) > payload_bytes)
			return MALFORMED;
		return p->outer_ecn == ECN_CONGESTED ? mark_ipv6(ip6) : DECAPSULATE;
	}
	if (!ip4 || ip4->version != 4 || ip4->ihl < 5 || bpf_ntohs(ip4->tot_len) > payload_bytes)
		return MALFORMED;
	return p->outer_ecn == ECN_CONGESTED ? mark_ipv4(ip4) : DECAPSULATE;
}

static __always_inline int strip(struct xdp_md *context, struct packet *p)
{
	struct ethhdr *ethernet = (void *)(long)context->data;
	struct ethhdr kept;

	if ((void *)(ethernet + 1) > p->end)
		return NOT_STRIPPED;
	kept = *ethernet;
	if (bpf_xdp_adjust_head(context, p->outer_bytes))
		return NOT_STRIPPED;
	ethernet = (void *)(long)context->data;
	if ((void *)(ethernet + 1) > (void *)(long)context->data_end)
		return NOT_STRIPPED;
	kept.h_proto = bpf_htons(p->inner_ipv6 ? ETH_P_IPV6 : ETH_P_IP);
	*ethernet = kept;
	return DECAPSULATE;
}

SEC("xdp") int decapsulate(struct xdp_md *context)
{
	struct ethhdr *ethernet = (void *)(long)context->data;
	struct packet p = {.ip = ethernet + 1, .end = (void *)(long)context->data_end};
	int outcome = LEFT_ALONE;

	if (p.ip <= p.end && ethernet->h_proto == bpf_htons(ETH_P_IP))
		outcome = parse_outer_ipv4(&p);
	else if (p.ip <= p.end && ethernet->h_proto == bpf_htons(ETH_P_IPV6))
		outcome = parse_outer_ipv6(&p);
	if (outcome == DECAPSULATE)
		outcome = parse_tunnel(&p);
	if (outcome == DECAPSULATE)
		outcome = check_inner(&p);
	if (outcome == DECAPSULATE)
		outcome = strip(context, &p);
	if (outcome != DECAPSULATE) {
		count(outcome);
		return outcome < MALFORMED ? XDP_PASS : XDP_DROP;
	}
	count(p.tunnel * 4 + p.outer_ipv6 * 2 + p.inner_ipv6);
	return XDP_PASS;
}

/* The kernel lends some helpers only to programs that declare this; the source is under Apache-2.0 as well. */
char license_name[] SEC("license") = "Dual BSD/GPL";
