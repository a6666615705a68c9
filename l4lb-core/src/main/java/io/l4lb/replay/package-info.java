/** The real pipeline over a capture, through DPDK's pcap device: same bytes in, same bytes out, in order. Cold. */
package io.l4lb.replay;
