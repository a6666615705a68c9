package io.l4lb.announce;

import io.l4lb.config.announce.AnnounceConfig;
import io.l4lb.dpdk.tun.TunDevice;
import io.l4lb.dpdk.tun.TunException;
import io.l4lb.dpdk.tun.TunRoutes;
import io.l4lb.net.IpAddress;

/**
 * The node's tun device, and a route through it for each announced address, in a table of the kernel's that nobody but the
 * routing daemon looks at. Routes, not addresses: an address would make the VIP this machine's own, and the kernel would drop
 * a backend's answers to data-path health checks as forged. Those have a device of their own: this one may be taken down.
 */
public final class TunVipRoutes implements VipRoutes, AutoCloseable {
    private static final int METRIC = 32;

    private final String name;
    private final int kernelTable;
    private TunDevice device;
    private TunRoutes routes;

    /** Makes the device. */
    public TunVipRoutes(String name, int kernelTable) {
        this.name = name;
        this.kernelTable = kernelTable;
        open();
    }

    /** Both or none: a device alone would look intact. */
    private void open() {
        TunDevice opened = TunDevice.open(name);
        try {
            routes = new TunRoutes(opened.interfaceIndex(), kernelTable, AnnounceConfig.ROUTE_PROTOCOL, METRIC);
        } catch (TunException e) {
            opened.close();
            throw e;
        }
        device = opened;
    }

    @Override
    public boolean intact() {
        return device.isUp();
    }

    @Override
    public void restore() {
        try {
            device.setUp(true);
        } catch (TunException _) { // somebody has removed it: a new one, then
            close();
            open();
        }
    }

    @Override
    public void announce(IpAddress address) {
        routes.put(address.bytes());
    }

    @Override
    public void withdraw(IpAddress address) {
        routes.remove(address.bytes());
    }

    /** Removes the device, and with it all routes. */
    @Override
    public void close() {
        device.close();
        routes.close();
    }
}
