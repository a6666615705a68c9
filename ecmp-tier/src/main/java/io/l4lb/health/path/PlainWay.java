package io.l4lb.health.path;

import io.l4lb.health.probe.Way;
import io.l4lb.net.IpAddress;
import java.util.Optional;

/** To the backend's own address, by the kernel's routes. */
public record PlainWay(IpAddress backend, Optional<IpAddress> source) implements Way {
    @Override
    public IpAddress target() {
        return backend;
    }

    @Override
    public boolean needsClaim() {
        return false;
    }

    @Override
    public Optional<Claim> claim(int ipProtocol, int l4Port) {
        return Optional.empty();
    }
}
