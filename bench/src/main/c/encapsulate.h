// The outer header: the template of the backend, and what differs per packet.
#ifndef L4LB_TWIN_ENCAPSULATE_H
#define L4LB_TWIN_ENCAPSULATE_H

#include <string.h>

#include <rte_byteorder.h>

#include "packets.h"

#define MTU_BYTES 1500

static __rte_always_inline void fill_outer4(uint8_t *frame, const struct backend *backend, uint8_t dscp_ecn, uint16_t bytes)
{
	uint16_t length_be = rte_cpu_to_be_16(bytes);
	uint32_t sum = backend->checksum_base + length_be + ((uint32_t)dscp_ecn << 8);
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	uint16_t checksum = (uint16_t)~sum;
	frame[ETHERNET_BYTES + 1] = dscp_ecn;
	memcpy(frame + ETHERNET_BYTES + 2, &length_be, sizeof(length_be));
	memcpy(frame + ETHERNET_BYTES + 10, &checksum, sizeof(checksum));
}

static __rte_always_inline void fill_outer6(uint8_t *frame, uint32_t inner_first_be, uint16_t payload_bytes, uint32_t hash)
{
	uint32_t label = (hash >> 12) ? hash >> 12 : 1;
	uint32_t first_be = (inner_first_be & rte_cpu_to_be_32(0xfff00000)) | rte_cpu_to_be_32(label);
	uint16_t length_be = rte_cpu_to_be_16(payload_bytes);
	memcpy(frame + ETHERNET_BYTES, &first_be, sizeof(first_be));
	memcpy(frame + ETHERNET_BYTES + 4, &length_be, sizeof(length_be));
}

static __rte_always_inline void fill_gue(uint8_t *udp, uint16_t bytes, uint32_t hash)
{
	uint16_t fields_be[3] = {rte_cpu_to_be_16(0xc000 | (hash & 0x3fff)), rte_cpu_to_be_16(GUE_PORT),
				 rte_cpu_to_be_16(bytes)};
	memcpy(udp, fields_be, sizeof(fields_be));
}

// {returns how many packets are to be sent; they stand at the front of `mbufs`}
static __rte_always_inline unsigned int encapsulate(struct worker *worker, struct packets *p, unsigned int count, struct rte_mbuf **mbufs,
				   const struct shape shape)
{
	const uint32_t outer_bytes = (shape.ipv6 ? IPV6_BYTES : IPV4_BYTES) + (shape.gue ? GUE_BYTES : 0);
	struct backend *const backends = worker->backends; // copies: stores to frames may alias all that is reached by pointer
	struct traffic *const vip_traffic = worker->vip_traffic;
	unsigned int sent = 0;
	for (unsigned int i = 0; i < count; i++) {
		struct rte_mbuf *mbuf = p->mbuf[i];
		struct backend *backend = &backends[p->backend[i]];
		uint32_t inner_bytes = p->inner_bytes[i];
		if (unlikely(mbuf->data_off < outer_bytes || inner_bytes + outer_bytes > MTU_BYTES)) {
			rte_pktmbuf_free(mbuf);
			worker->drops++;
			continue;
		}
		const uint8_t *inner = rte_pktmbuf_mtod(mbuf, uint8_t *) + ETHERNET_BYTES;
		uint8_t dscp_ecn = inner[1];
		uint32_t inner_first_be;
		memcpy(&inner_first_be, inner, sizeof(inner_first_be));
		mbuf->data_off -= outer_bytes;
		mbuf->data_len = ETHERNET_BYTES + outer_bytes + inner_bytes; // padding goes
		mbuf->pkt_len = mbuf->data_len;
		uint8_t *frame = rte_pktmbuf_mtod(mbuf, uint8_t *);
		memcpy(frame, backend->header, ETHERNET_BYTES + outer_bytes);
		if (shape.ipv6)
			fill_outer6(frame, inner_first_be, outer_bytes + inner_bytes - IPV6_BYTES, p->hash[i]);
		else
			fill_outer4(frame, backend, dscp_ecn, outer_bytes + inner_bytes);
		if (shape.gue)
			fill_gue(frame + ETHERNET_BYTES + outer_bytes - GUE_BYTES, inner_bytes + GUE_BYTES, p->hash[i]);
		backend->packets++;
		backend->bytes += inner_bytes;
		vip_traffic[p->vip[i]].packets++;
		vip_traffic[p->vip[i]].bytes += inner_bytes;
		mbufs[sent++] = mbuf;
	}
	return sent;
}

#endif
