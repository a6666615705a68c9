package io.l4lb.health.path;

import io.l4lb.config.DataplaneConfig;
import io.l4lb.dpdk.raw.RawSocketException;
import io.l4lb.dpdk.tun.TunDevice;
import io.l4lb.dpdk.tun.TunException;
import io.l4lb.flow.FlowHash;
import io.l4lb.health.probe.Way;
import io.l4lb.net.IpAddress;
import io.l4lb.packet.Ipv4Descriptor;
import io.l4lb.packet.Ipv6Descriptor;
import io.l4lb.packet.L4Descriptor;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what sockets of this machine send to a VIP from the tun device, finds the backend by the l4Port that it comes from, and
 * sends it there encapsulated. A thread of its own; the rest is for any thread.
 *
 * <p>A claim that is closed still leads there, for the reset that follows, until the l4Port is claimed again: there are at most
 * 65,536 for each family and protocol.
 */
public final class DataPath implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DataPath.class);
    private static final int RECEIVE_MS = 1000;
    /** What comes within this time of the first packet is taken together: a wake-up for each would cost more than sending it. */
    private static final long GATHER_NS = TimeUnit.MILLISECONDS.toNanos(2);

    /** IPv6, UDP and GUE, rounded up. */
    private static final int MAX_OUTER_BYTES = 56;

    private static final int IPV6_KEY = 1 << 24;
    private static final int IPV4_LENGTH_MASK = 0xf;
    private static final int IPV4_FRAGMENT_MASK = 0x1fff;
    /** The kernel refuses thousands of packets alike, when it does. */
    private static final long COMPLAINT_NS = TimeUnit.MINUTES.toNanos(1);

    private static final long REOPEN_NS = TimeUnit.SECONDS.toNanos(1);

    private final String tunName;
    private final int tunMtuBytes;
    private final OuterPackets outerPackets;
    private final Lock opening = new ReentrantLock();
    private Collection<IpAddress> vips = List.of();
    private volatile CheckDevice device;
    private long openedAtNs;
    private final Map<Integer, Owner> owners = new ConcurrentHashMap<>();
    private final AtomicLong complaintAtNs = new AtomicLong(System.nanoTime() - COMPLAINT_NS);
    private final Thread reader;
    private volatile boolean closed;

    private static final class Owner implements Way.Claim {
        final TunnelWay way;
        volatile boolean isOpen = true;

        Owner(TunnelWay way) {
            this.way = way;
        }

        @Override
        public void close() {
            isOpen = false;
        }
    }

    /**
     * Makes the tun device and begins to read from it.
     *
     * @param nodeId in the device's name
     * @param mtuBytes largest IP packet that the way to the backends carries
     * @throws TunException or {@link RawSocketException} when the kernel does not let us
     */
    public DataPath(String nodeId, int mtuBytes) {
        this.tunName = tunName(nodeId);
        this.tunMtuBytes = Math.max(mtuBytes - MAX_OUTER_BYTES, DataplaneConfig.MIN_MTU_BYTES);
        this.outerPackets = new OuterPackets(mtuBytes);
        try {
            device = CheckDevice.open(tunName, tunMtuBytes, vips);
        } catch (RuntimeException e) {
            outerPackets.close();
            throw e;
        }
        this.openedAtNs = System.nanoTime();
        this.reader = Thread.ofPlatform().name("health-path").daemon().start(this::read);
    }

    /** {@return up to 15 characters; a longer id is told by its hash} */
    private static String tunName(String nodeId) {
        String name = PolicyRules.DEVICE_PREFIX + nodeId;
        return name.length() <= TunDevice.NAME_LENGTH_MAX
                ? name
                : PolicyRules.DEVICE_PREFIX + String.format(Locale.ROOT, "%08x", nodeId.hashCode());
    }

    /** What this machine sends to these addresses goes through the tun device; to others no more. */
    public void route(Collection<IpAddress> next) {
        opening.lock();
        try {
            vips = List.copyOf(next);
            device.route(vips);
        } catch (TunException e) {
            if (device.isUp()) {
                throw e;
            }
            LOG.debug("the routes come with the interface: {}", e.getMessage());
        } finally {
            opening.unlock();
        }
    }

    /** {@return a way through this} */
    public Way way(WaySpec spec) {
        return new TunnelWay(spec, this);
    }

    Optional<Way.Claim> claim(boolean ipv6, int ipProtocol, int l4Port, TunnelWay way) {
        Owner claimed = new Owner(way);
        Owner now = owners.compute(
                key(ipv6, ipProtocol, l4Port), (ignored, before) -> before != null && before.isOpen ? before : claimed);
        return now == claimed ? Optional.of(claimed) : Optional.empty();
    }

    private static int key(boolean ipv6, int ipProtocol, int l4Port) {
        return (ipv6 ? IPV6_KEY : 0) | (ipProtocol << Short.SIZE) | l4Port;
    }

    private void read() {
        byte[] packet = new byte[TunDevice.PACKET_BYTES_MAX];
        while (!closed) {
            try {
                CheckDevice now = device;
                if (now.awaitPacket(RECEIVE_MS)) {
                    LockSupport.parkNanos(GATHER_NS);
                    for (int length = now.receiveNow(packet); length > 0; length = now.receiveNow(packet)) {
                        forward(packet, length);
                    }
                } else if (!now.isUp()) {
                    reopen("the interface " + tunName + " has been taken down");
                }
            } catch (TunException e) {
                reopen(e.getMessage());
            } catch (RawSocketException e) {
                complain("a health check could not be sent", e.getMessage());
            } catch (RuntimeException e) { // one odd packet must not end the checks
                complain("a packet of a health check could not be handled", e.toString());
            }
        }
    }

    /** Somebody has removed the interface: it comes back, at once unless that happens all the time. */
    private void reopen(String why) {
        complain("health checks via dataplane cannot be sent", why);
        LockSupport.parkNanos(openedAtNs + REOPEN_NS - System.nanoTime());
        openedAtNs = System.nanoTime();
        opening.lock();
        try {
            if (closed) {
                return;
            }
            device.close();
            device = CheckDevice.open(tunName, tunMtuBytes, vips);
            LOG.info("the interface {} is there again", tunName);
        } catch (TunException e) {
            complain("health checks via dataplane cannot be sent", e.getMessage());
        } finally {
            opening.unlock();
        }
    }

    private void complain(String what, String why) {
        long last = complaintAtNs.get();
        long nowNs = System.nanoTime();
        if (nowNs - last >= COMPLAINT_NS && complaintAtNs.compareAndSet(last, nowNs)) {
            LOG.warn("{}: {}", what, why);
        }
    }

    private void forward(byte[] bytes, int length) {
        ByteBuffer packet = ByteBuffer.wrap(bytes, 0, length);
        int version = (bytes[0] & 0xff) >>> 4;
        int key = switch (version) {
            case 4 -> ipv4Key(packet);
            case 6 -> ipv6Key(packet);
            default -> -1;
        };
        Owner owner = key < 0 ? null : owners.get(key);
        if (owner == null) {
            return; // sent by somebody else on this machine: the VIP is not here, but behind the workers
        }
        boolean sent = outerPackets.send(owner.way, bytes, length, version == 6, FlowHash.mix(key));
        if (!sent) {
            complain("a health check could not be encapsulated", "too big for dataplane.mtuBytes");
        }
    }

    private static int ipv4Key(ByteBuffer packet) {
        if (packet.limit() < Ipv4Descriptor.LENGTH_BYTES
                || (packet.getShort(Ipv4Descriptor.FRAGMENT_OFFSET) & IPV4_FRAGMENT_MASK) != 0) {
            return -1;
        }
        int headerLength = (packet.get(0) & IPV4_LENGTH_MASK) * Integer.BYTES;
        return l4Key(false, packet.get(Ipv4Descriptor.PROTOCOL_OFFSET) & 0xff, packet, headerLength);
    }

    private static int ipv6Key(ByteBuffer packet) {
        return packet.limit() < Ipv6Descriptor.LENGTH_BYTES
                ? -1
                : l4Key(
                        true,
                        packet.get(Ipv6Descriptor.NEXT_HEADER_OFFSET) & 0xff,
                        packet,
                        Ipv6Descriptor.LENGTH_BYTES);
    }

    private static int l4Key(boolean ipv6, int ipProtocol, ByteBuffer packet, int l4) {
        boolean isEcho = ipProtocol == L4Descriptor.ICMP || ipProtocol == L4Descriptor.ICMPV6;
        int at = l4 + (isEcho ? L4Descriptor.ICMP_CHECKSUM_OFFSET + 2 : L4Descriptor.SOURCE_PORT_OFFSET);
        return packet.limit() < at + 2 ? -1 : key(ipv6, ipProtocol, Short.toUnsignedInt(packet.getShort(at)));
    }

    @Override
    public void close() {
        closed = true;
        try {
            reader.join(TimeUnit.SECONDS.toMillis(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        opening.lock();
        try {
            device.close();
        } finally {
            opening.unlock();
        }
        if (!reader.isAlive()) { // else it may still use them; the process ends anyway
            outerPackets.close();
        }
    }
}
