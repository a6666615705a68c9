package io.l4lb.health.path;

import io.l4lb.dpdk.tun.TunDevice;
import io.l4lb.dpdk.tun.TunException;
import io.l4lb.net.IpAddress;
import java.util.Collection;

/**
 * The tun device that checks go through, with the routes to it, from its making to its end; one that somebody has removed is
 * replaced by another. One thread may receive while another does the rest.
 */
final class CheckDevice implements AutoCloseable {
    private final TunDevice tun;
    private final VipRoutes routes;
    private boolean closed;

    private CheckDevice(TunDevice tun, VipRoutes routes) {
        this.tun = tun;
        this.routes = routes;
    }

    /** @throws TunException when the kernel does not let us */
    static CheckDevice open(String name, int mtuBytes, Collection<IpAddress> vips) {
        TunDevice tun = TunDevice.open(name);
        try {
            tun.setMtuBytes(mtuBytes);
            CheckDevice device = new CheckDevice(tun, new VipRoutes(tun.interfaceIndex()));
            device.openRoutes(vips);
            return device;
        } catch (TunException e) {
            tun.close();
            throw e;
        }
    }

    private void openRoutes(Collection<IpAddress> vips) {
        try {
            routes.set(vips);
        } catch (TunException e) {
            routes.close();
            throw e;
        }
    }

    /** What this machine sends to these addresses goes through the device; to others no more. */
    synchronized void route(Collection<IpAddress> vips) {
        routes.set(vips);
    }

    /** {@return whether the routes count}; no longer when somebody has taken the device down or away. */
    synchronized boolean isUp() {
        return !closed && tun.isUp();
    }

    /** As {@link TunDevice#awaitPacket}. */
    boolean awaitPacket(int timeoutMs) {
        return tun.awaitPacket(timeoutMs);
    }

    /** As {@link TunDevice#receiveNow}. */
    int receiveNow(byte[] packet) {
        return tun.receiveNow(packet);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true; // once: the numbers of closed descriptors are soon a check's
            routes.close();
            tun.close();
        }
    }
}
