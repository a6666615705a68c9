// One packet into its columns: lengths checked, VIP found, flow hashed.
//
// What the fast path does not know (options, extension headers, VLAN tags, fragments, ICMP) it drops and counts; the bench
// sends none of it.
#ifndef L4LB_TWIN_PARSE_H
#define L4LB_TWIN_PARSE_H

#include <immintrin.h>
#include <string.h>

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "packets.h"

static __rte_always_inline uint32_t vip_place(uint64_t high, uint64_t low, uint16_t l4_port_be, uint8_t protocol)
{
	uint64_t crc = _mm_crc32_u64(protocol, high);
	return (uint32_t)_mm_crc32_u64(crc, low ^ ((uint64_t)l4_port_be << 48));
}

static __rte_always_inline const struct vip *vip_find(const struct tables *tables, uint64_t high, uint64_t low, uint16_t l4_port_be,
					 uint8_t protocol)
{
	for (uint32_t place = vip_place(high, low, l4_port_be, protocol);; place++) {
		const struct vip *vip = &tables->vips[place & tables->vip_mask];
		if (!vip->used)
			return NULL;
		if (vip->address[0] == high && vip->address[1] == low && vip->l4_port_be == l4_port_be &&
		    vip->protocol == protocol)
			return vip;
	}
}

static __rte_always_inline bool l4_is_sound(uint8_t protocol, const void *l4, uint32_t l4_bytes)
{
	if (protocol == IPPROTO_TCP) {
		uint32_t header_bytes = ((const struct rte_tcp_hdr *)l4)->data_off >> 4 << 2;
		return l4_bytes >= sizeof(struct rte_tcp_hdr) && header_bytes >= sizeof(struct rte_tcp_hdr) &&
		       header_bytes <= l4_bytes;
	}
	uint32_t bytes = rte_be_to_cpu_16(((const struct rte_udp_hdr *)l4)->dgram_len);
	return protocol == IPPROTO_UDP && l4_bytes >= sizeof(struct rte_udp_hdr) && bytes >= sizeof(struct rte_udp_hdr) &&
	       bytes <= l4_bytes;
}

static __rte_always_inline uint8_t event_of(uint8_t protocol, const struct rte_tcp_hdr *tcp)
{
	if (protocol != IPPROTO_TCP)
		return DATA;
	if (tcp->tcp_flags & (RTE_TCP_FIN_FLAG | RTE_TCP_RST_FLAG))
		return CLOSE;
	return (tcp->tcp_flags & (RTE_TCP_SYN_FLAG | RTE_TCP_ACK_FLAG)) == RTE_TCP_SYN_FLAG ? OPEN : DATA;
}

// Parses one packet into column `at`; false: not for a VIP, or not sound.
static __rte_always_inline bool parse4(const struct tables *tables, struct packets *p, struct rte_mbuf *mbuf, unsigned int at)
{
	const struct rte_ether_hdr *ethernet = rte_pktmbuf_mtod(mbuf, const void *);
	const struct rte_ipv4_hdr *ip = (const void *)(ethernet + 1);
	const struct rte_tcp_hdr *tcp = (const void *)(ip + 1);
	if (mbuf->data_len < ETHERNET_BYTES + IPV4_BYTES + 8 ||
	    ethernet->ether_type != rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4) || ip->version_ihl != RTE_IPV4_VHL_DEF ||
	    (ip->fragment_offset & rte_cpu_to_be_16(0x3fff)))
		return false;
	uint32_t bytes = rte_be_to_cpu_16(ip->total_length);
	if (bytes > mbuf->data_len - (uint32_t)ETHERNET_BYTES || bytes < IPV4_BYTES ||
	    !l4_is_sound(ip->next_proto_id, tcp, bytes - IPV4_BYTES))
		return false;
	const struct vip *vip = vip_find(tables, ip->dst_addr, 0, tcp->dst_port, ip->next_proto_id);
	if (vip == NULL)
		return false;
	p->key[at] = (uint64_t)ip->src_addr << 32 | (uint32_t)tcp->src_port << 16 | (vip->number + 1);
	p->hash[at] = hash4(p->key[at]);
	p->vip[at] = vip->number;
	p->inner_bytes[at] = bytes;
	p->event[at] = event_of(ip->next_proto_id, tcp);
	return true;
}

static __rte_always_inline bool parse6(const struct tables *tables, struct packets *p, struct rte_mbuf *mbuf, unsigned int at)
{
	const struct rte_ether_hdr *ethernet = rte_pktmbuf_mtod(mbuf, const void *);
	const struct rte_ipv6_hdr *ip = (const void *)(ethernet + 1);
	const struct rte_tcp_hdr *tcp = (const void *)(ip + 1);
	if (mbuf->data_len < ETHERNET_BYTES + IPV6_BYTES + 8 ||
	    ethernet->ether_type != rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV6) || (ip->vtc_flow & 0xf0) != 0x60)
		return false;
	uint32_t bytes = rte_be_to_cpu_16(ip->payload_len) + IPV6_BYTES;
	if (bytes > mbuf->data_len - (uint32_t)ETHERNET_BYTES || !l4_is_sound(ip->proto, tcp, bytes - IPV6_BYTES))
		return false;
	uint64_t to[2];
	memcpy(to, ip->dst_addr, sizeof(to));
	const struct vip *vip = vip_find(tables, to[0], to[1], tcp->dst_port, ip->proto);
	if (vip == NULL)
		return false;
	memcpy(p->address[at], ip->src_addr, sizeof(p->address[at]));
	p->key[at] = (uint64_t)tcp->src_port << 16 | (vip->number + 1);
	p->hash[at] = hash6(p->address[at], p->key[at]);
	p->vip[at] = vip->number;
	p->inner_bytes[at] = bytes;
	p->event[at] = event_of(ip->proto, tcp);
	return true;
}

#endif
