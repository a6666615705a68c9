package io.l4lb.config.access;

import io.l4lb.net.IpPrefix;

/** One prefix of an access list. */
public record AccessRule(IpPrefix prefix, boolean allow) {}
