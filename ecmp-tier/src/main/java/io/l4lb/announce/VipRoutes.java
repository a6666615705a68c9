package io.l4lb.announce;

import io.l4lb.net.IpAddress;

/** What a routing daemon sees of the VIPs. One thread at a time. */
public interface VipRoutes {
    /** {@return whether announced addresses are still so: false when the device was taken down or removed} */
    boolean intact();

    /** Makes a device that is not intact usable again, with nothing announced. */
    void restore();

    void announce(IpAddress address);

    void withdraw(IpAddress address);
}
