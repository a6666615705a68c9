package io.l4lb.health.path;

import io.l4lb.health.probe.Addresses;
import io.l4lb.net.IpAddress;
import io.l4lb.net.MacAddress;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What the kernel would send from towards an address: its own address, interface and MAC. Asked by connecting a UDP socket,
 * which sends nothing, and again from time to time: routes move. Any thread.
 */
final class LocalSource {
    /** A connected UDP socket names its local address; the l4Port does not matter. */
    private static final int DISCARD = 9;

    private static final long KEPT_NS = TimeUnit.SECONDS.toNanos(10);
    private static final Found NOTHING = new Found(Optional.empty(), 0, Optional.empty(), 0);

    private final IpAddress towards;
    private final boolean withInterface;
    private volatile Found found = NOTHING;

    private record Found(Optional<IpAddress> address, int interfaceIndex, Optional<MacAddress> mac, long atNs) {}

    /** @param withInterface whether its interface and MAC are wanted too: to find it takes a look at all interfaces */
    LocalSource(IpAddress towards, boolean withInterface) {
        this.towards = towards;
        this.withInterface = withInterface;
    }

    /** {@return empty when there is no route} */
    Optional<IpAddress> address() {
        return current().address;
    }

    int interfaceIndex() {
        return current().interfaceIndex;
    }

    Optional<MacAddress> mac() {
        return current().mac;
    }

    private Found current() {
        Found known = found;
        if (known.address.isEmpty() || System.nanoTime() - known.atNs > KEPT_NS) {
            known = ask();
            found = known;
        }
        return known;
    }

    private Found ask() {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(Addresses.of(towards), DISCARD));
            if (socket.getLocalAddress().isAnyLocalAddress()) {
                return NOTHING;
            }
            NetworkInterface through =
                    withInterface ? NetworkInterface.getByInetAddress(socket.getLocalAddress()) : null;
            String text = socket.getLocalAddress().getHostAddress().replaceFirst("%.*", "");
            return new Found(
                    IpAddress.parse(text),
                    through == null ? 0 : through.getIndex(),
                    through == null ? Optional.empty() : mac(through.getHardwareAddress()),
                    System.nanoTime());
        } catch (IOException | RuntimeException _) { // unreachable: DatagramSocket.connect throws an unchecked one
            return NOTHING;
        }
    }

    private static Optional<MacAddress> mac(byte[] bytes) {
        if (bytes == null || bytes.length != 6) {
            return Optional.empty();
        }
        long value = 0;
        for (byte one : bytes) {
            value = (value << Byte.SIZE) | (one & 0xff);
        }
        return Optional.of(new MacAddress(value));
    }
}
