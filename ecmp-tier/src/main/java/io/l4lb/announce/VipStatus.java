package io.l4lb.announce;

import java.util.Optional;

/**
 * What has become of one VIP.
 *
 * @param vip its name
 * @param address as text
 * @param announced whether the routing daemon is told of the address
 * @param reason why it is not, in words; empty if it is
 */
public record VipStatus(String vip, String address, boolean announced, Optional<String> reason) {}
