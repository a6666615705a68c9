package io.l4lb.pin;

import static io.l4lb.testing.TestConfig.backend;

import io.l4lb.config.BackendConfig;
import io.l4lb.config.L4lbConfig;
import io.l4lb.net.Encapsulation;
import io.l4lb.net.Protocol;
import io.l4lb.testing.TestConfig;

/** Configurations of the flow table's tests: one pool, a TCP, a UDP and an any-port VIP of each family. */
final class PinConfigs {
    static final int TCP4 = 0;
    static final int UDP4 = 1;
    static final int ANY4 = 2;
    static final int TCP6 = 3;
    static final int UDP6 = 4;
    static final int ANY6 = 5;

    static final BackendConfig B1 = backend("b1", "10.0.0.1", 100);
    static final BackendConfig B2 = backend("b2", "10.0.0.2", 100);
    static final BackendConfig B3 = backend("b3", "10.0.0.3", 100);
    static final BackendConfig B4 = backend("b4", "10.0.0.4", 100);

    private PinConfigs() {}

    static L4lbConfig with(int flows, BackendConfig... backends) {
        return with(new TestConfig().flows(flows), backends);
    }

    static L4lbConfig with(TestConfig config, BackendConfig... backends) {
        return config.pool("web", backends)
                .vip("tcp4", "198.51.100.1", Protocol.TCP, 443, "web", Encapsulation.IPIP)
                .vip("udp4", "198.51.100.1", Protocol.UDP, 443, "web", Encapsulation.IPIP)
                .vip("any4", "198.51.100.2", Protocol.TCP, 0, "web", Encapsulation.IPIP)
                .vip("tcp6", "2001:db8:f::1", Protocol.TCP, 443, "web", Encapsulation.IPIP)
                .vip("udp6", "2001:db8:f::1", Protocol.UDP, 443, "web", Encapsulation.IPIP)
                .vip("any6", "2001:db8:f::2", Protocol.TCP, 0, "web", Encapsulation.IPIP)
                .build();
    }
}
