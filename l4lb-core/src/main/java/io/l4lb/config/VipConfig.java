package io.l4lb.config;

import io.l4lb.net.Affinity;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.IpAddress;
import io.l4lb.net.Protocol;

/**
 * What clients connect to.
 *
 * @param l4Port 1 .. 65535, or {@link #ANY_L4_PORT}
 * @param pool the name of the pool whose backends serve it
 * @param guePort UDP destination of the outer header; means nothing unless encapsulation is gue
 */
public record VipConfig(
        String name,
        IpAddress address,
        Protocol protocol,
        int l4Port,
        String pool,
        Encapsulation encapsulation,
        int guePort,
        Affinity affinity) {
    public static final int ANY_L4_PORT = 0;
    /** Assigned to GUE by IANA. */
    public static final int DEFAULT_GUE_PORT = 6080;

    public boolean isAnyL4Port() {
        return l4Port == ANY_L4_PORT;
    }
}
