/**
 * A network interface that is this process (a tun device), and routes through it: what is sent to the interface is read here,
 * and with the process both vanish. Linux; needs CAP_NET_ADMIN. Cold beside the workers: any platform thread.
 */
package io.l4lb.dpdk.tun;
