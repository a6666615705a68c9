// SPDX-License-Identifier: Apache-2.0
/*
 * Shares a node's interface between DPDK and the kernel: what is addressed to a VIP goes to the AF_XDP socket of DPDK, all
 * else (ARP, neighbour discovery, BGP, ssh) goes on to the kernel. net_af_xdp loads it with `xdp_prog=vip_filter.o` and
 * looks for the map of sockets by its name, `xsks_map`; the node puts the VIPs' addresses into `vip_addresses`, and changes
 * them there while packets pass.
 *
 * Without a socket (the node was killed and this program is still attached) a packet for a VIP is dropped, not passed: a
 * kernel that holds the VIP's address would answer it with a reset and end a connection that the client's next
 * retransmission, taken by another node, would have saved.
 *
 * Looks below one VLAN tag or two, as the node does.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define RX_QUEUES 64	  /* of one interface, at most */
#define ADDRESSES 65536 /* of VIPs, at most: as many as VIPs can be */
#define TAGS 2

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
} vip_addresses SEC(".maps");

struct vlan_tag {
	__be16 control;
	__be16 type;
};

static __always_inline int is_tag(__be16 type)
{
	return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD) || type == bpf_htons(ETH_P_QINQ1);
}

static __always_inline int is_vip(struct in6_addr *address)
{
	return bpf_map_lookup_elem(&vip_addresses, address) != 0;
}

static __always_inline int is_to_vip(void *packet, void *end, __be16 type)
{
	struct in6_addr address = {};
	struct iphdr *ipv4 = packet;
	struct ipv6hdr *ipv6 = packet;

	if (type == bpf_htons(ETH_P_IP) && (void *)(ipv4 + 1) <= end) {
		address.in6_u.u6_addr32[2] = bpf_htonl(0xffff);
		address.in6_u.u6_addr32[3] = ipv4->daddr;
		return is_vip(&address);
	}
	if (type == bpf_htons(ETH_P_IPV6) && (void *)(ipv6 + 1) <= end) {
		address = ipv6->daddr;
		return is_vip(&address);
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
	return is_to_vip(tag, end, type) ? bpf_redirect_map(&xsks_map, context->rx_queue_index, XDP_DROP) : XDP_PASS;
}

char license_name[] SEC("license") = "Dual BSD/GPL";
