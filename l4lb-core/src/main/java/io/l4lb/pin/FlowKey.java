package io.l4lb.pin;

/**
 * What a flow table knows a flow by. Made by the control side for a look-up on request.
 *
 * @param vip VIP number
 * @param clientHigh IPv6: first 8 bytes of the client's address, memory order; IPv4: 0
 * @param clientLow IPv6: its last 8 bytes; IPv4: address and both L4 ports as {@link Ipv4FlowTable} keeps them
 * @param l4Ports both L4 ports, memory order
 * @param hash {@code FlowHash} of the 5-tuple
 */
public record FlowKey(boolean ipv6, int vip, long clientHigh, long clientLow, int l4Ports, long hash) {}
