// SPDX-License-Identifier: Apache-2.0
/*
 * Shares a node's interface between DPDK and the kernel: what is addressed to a VIP goes to the AF_XDP socket of DPDK, all
 * else (ARP, neighbour discovery, BGP, ssh) goes on to the kernel. Of what is for the address that tunnels begin at, DPDK gets
 * the ICMP errors that quote an encapsulated packet: by them the node learns path MTUs. net_af_xdp loads it with
 * `xdp_prog=vip_filter.o` and looks for the map of sockets by its name, `xsks_map`; the node puts the addresses into
 * `node_addresses`, and changes them there while packets pass.
 *
 * Without a socket (the node was killed and this program is still attached) a packet for a VIP is dropped, not passed: a
 * kernel that holds the VIP's address would answer it with a reset and end a connection that the client's next
 * retransmission, taken by another node, would have saved.
 *
 * Looks below one VLAN tag or two, as the node does.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define RX_QUEUES 64	  /* of one interface, at most */
#define ADDRESSES 65538 /* at most: as many as VIPs can be, and outerSource's two */
#define TAGS 2

/* of ICMP; linux/icmp.h would want the C library of another machine */
#define DESTINATION_UNREACHABLE 3
#define SOURCE_QUENCH 4
#define REDIRECT 5
#define TIME_EXCEEDED 11
#define PARAMETER_PROBLEM 12

/* values of node_addresses */
#define VIP 1
#define OUTER_SOURCE 2

#define GUE_SOURCE_PORT_MIN 49152 /* those of the node's outer headers begin here */
#define ICMPV6_INFORMATIONAL 128  /* types below are errors */
#define FRAGMENT_HEADER_BYTES 8

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, RX_QUEUES);
	__type(key, int);
	__type(value, int);
} xsks_map SEC(".maps");

/* IPv4 addresses as ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2) */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ADDRESSES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct in6_addr);
	__type(value, __u8);
} node_addresses SEC(".maps");

struct icmp {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be32 rest;
};

struct vlan_tag {
	__be16 control;
	__be16 type;
};

static __always_inline int is_tag(__be16 type)
{
	return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD) || type == bpf_htons(ETH_P_QINQ1);
}

/* An outer header's protocol, with what is behind it as far as it is quoted. Any other UDP of the node's address (BFD, DNS) has
 * a checksum. */
static __always_inline int is_tunnel(__u8 protocol, void *header, void *end)
{
	struct udphdr *udp = header;

	if (protocol == IPPROTO_UDP)
		return (void *)(udp + 1) <= end && udp->check == 0 && bpf_ntohs(udp->source) >= GUE_SOURCE_PORT_MIN;
	return protocol == IPPROTO_IPIP || protocol == IPPROTO_IPV6 || protocol == IPPROTO_GRE;
}

static __always_inline int is_ipv4_tunnel_error(struct iphdr *ipv4, void *end)
{
	struct icmp *icmp = (void *)ipv4 + ipv4->ihl * 4;
	struct iphdr *quote = (void *)(icmp + 1);

	if (ipv4->protocol != IPPROTO_ICMP || ipv4->ihl < 5 || (ipv4->frag_off & bpf_htons(0x1fff)) || (void *)(quote + 1) > end)
		return 0;
	switch (icmp->type) {
	case DESTINATION_UNREACHABLE:
	case SOURCE_QUENCH:
	case REDIRECT:
	case TIME_EXCEEDED:
	case PARAMETER_PROBLEM:
		return quote->ihl == 5 && quote->saddr == ipv4->daddr && is_tunnel(quote->protocol, quote + 1, end);
	}
	return 0;
}

static __always_inline int is_ipv6_tunnel_error(struct ipv6hdr *ipv6, void *end)
{
	struct icmp *icmp = (void *)(ipv6 + 1);
	struct ipv6hdr *quote = (void *)(icmp + 1);
	__u8 *behind = (void *)(quote + 1);

	if (ipv6->nexthdr != IPPROTO_ICMPV6 || (void *)(quote + 1) > end || icmp->type >= ICMPV6_INFORMATIONAL)
		return 0;
	for (int i = 0; i < 4; i++) {
		if (quote->saddr.in6_u.u6_addr32[i] != ipv6->daddr.in6_u.u6_addr32[i])
			return 0;
	}
	if (quote->nexthdr != IPPROTO_FRAGMENT)
		return is_tunnel(quote->nexthdr, behind, end);
	/* an outer fragment; a later one has no more than this */
	return behind + FRAGMENT_HEADER_BYTES <= (__u8 *)end && (behind[0] == IPPROTO_UDP || is_tunnel(behind[0], behind, end));
}

static __always_inline int use_of(struct in6_addr *address)
{
	__u8 *use = bpf_map_lookup_elem(&node_addresses, address);

	return use ? *use : 0;
}

static __always_inline int is_for_node(void *packet, void *end, __be16 type)
{
	struct in6_addr address = {};
	struct iphdr *ipv4 = packet;
	struct ipv6hdr *ipv6 = packet;
	int use;

	if (type == bpf_htons(ETH_P_IP) && (void *)(ipv4 + 1) <= end) {
		address.in6_u.u6_addr32[2] = bpf_htonl(0xffff);
		address.in6_u.u6_addr32[3] = ipv4->daddr;
		use = use_of(&address);
		return use == VIP || (use == OUTER_SOURCE && is_ipv4_tunnel_error(ipv4, end));
	}
	if (type == bpf_htons(ETH_P_IPV6) && (void *)(ipv6 + 1) <= end) {
		address = ipv6->daddr;
		use = use_of(&address);
		return use == VIP || (use == OUTER_SOURCE && is_ipv6_tunnel_error(ipv6, end));
	}
	return 0;
}

SEC("xdp") int vip_filter(struct xdp_md *context)
{
	struct ethhdr *ethernet = (void *)(long)context->data;
	void *end = (void *)(long)context->data_end;
	struct vlan_tag *tag = (void *)(ethernet + 1);
	__be16 type;

	if ((void *)tag > end)
		return XDP_PASS;
	type = ethernet->h_proto;
#pragma unroll
	for (int i = 0; i < TAGS && is_tag(type); i++) {
		if ((void *)(tag + 1) > end)
			return XDP_PASS;
		type = tag->type;
		tag++;
	}
	return is_for_node(tag, end, type) ? bpf_redirect_map(&xsks_map, context->rx_queue_index, XDP_DROP) : XDP_PASS;
}

char license_name[] SEC("license") = "Dual BSD/GPL";
