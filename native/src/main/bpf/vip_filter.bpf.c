// SPDX-License-Identifier: Apache-2.0
/*
 * Shares a node's interface between DPDK and the kernel, in the lab: what is addressed to the lab's VIP prefixes goes
 * to the AF_XDP socket of DPDK, all else (ARP, neighbour discovery, BGP, ssh) goes on to the kernel.
 * net_af_xdp loads it with `xdp_prog=vip_filter.o` and looks for the map by its name, `xsks_map`.
 *
 * Without a socket (the node is starting, or was killed and this program is still attached) a packet for a VIP is
 * dropped, not passed: a kernel that holds the VIP's address would answer it with a reset and end a connection that
 * the client's next retransmission, taken by another node, would have saved.
 *
 * Untagged frames only: the lab has no VLANs.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define VIP_IPV4 0xcb007100 /* 203.0.113.0/24 */
#define VIP_IPV4_MASK 0xffffff00
#define VIP_IPV6_HIGH 0x20010db8 /* 2001:db8:f::/48 */
#define VIP_IPV6_LOW 0x000f

#define RX_QUEUES 64 /* of one interface, at most */

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, RX_QUEUES);
	__type(key, int);
	__type(value, int);
} xsks_map SEC(".maps");

static __always_inline int is_vip_ipv4(struct iphdr *ip, void *end)
{
	return (void *)(ip + 1) <= end && (ip->daddr & bpf_htonl(VIP_IPV4_MASK)) == bpf_htonl(VIP_IPV4);
}

static __always_inline int is_vip_ipv6(struct ipv6hdr *ip, void *end)
{
	return (void *)(ip + 1) <= end && ip->daddr.in6_u.u6_addr32[0] == bpf_htonl(VIP_IPV6_HIGH) &&
	       ip->daddr.in6_u.u6_addr16[2] == bpf_htons(VIP_IPV6_LOW);
}

SEC("xdp") int vip_filter(struct xdp_md *context)
{
	struct ethhdr *ethernet = (void *)(long)context->data;
	void *end = (void *)(long)context->data_end;
	int is_vip = 0;

	if ((void *)(ethernet + 1) > end)
		return XDP_PASS;
	if (ethernet->h_proto == bpf_htons(ETH_P_IP))
		is_vip = is_vip_ipv4((void *)(ethernet + 1), end);
	else if (ethernet->h_proto == bpf_htons(ETH_P_IPV6))
		is_vip = is_vip_ipv6((void *)(ethernet + 1), end);
	return is_vip ? bpf_redirect_map(&xsks_map, context->rx_queue_index, XDP_DROP) : XDP_PASS;
}

char license_name[] SEC("license") = "Dual BSD/GPL";
