/**
 * Packets that this process makes itself, sent by the kernel, and echo replies: raw sockets. Linux; needs CAP_NET_RAW. Cold
 * beside the workers.
 */
package io.l4lb.dpdk.raw;
