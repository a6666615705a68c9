package io.l4lb.health.ping;

import io.l4lb.dpdk.raw.RawSocket;
import io.l4lb.dpdk.raw.RawSocketException;
import io.l4lb.health.probe.Deadline;
import io.l4lb.health.probe.OwnFaultException;
import io.l4lb.health.probe.Way;
import io.l4lb.net.IpAddress;
import io.l4lb.packet.L4Descriptor;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** All echo requests of the process: a socket for each family and source, a thread for each socket. Any thread. */
public final class Pinger implements AutoCloseable {
    private static final int IDENTIFIERS = 1 << Short.SIZE;
    private static final int CLAIM_ATTEMPTS = 64;

    private final AtomicReferenceArray<Waiting> waiting = new AtomicReferenceArray<>(IDENTIFIERS);
    private final AtomicInteger identifiers =
            new AtomicInteger(ThreadLocalRandom.current().nextInt());
    private final Map<SocketKey, EchoSocket> sockets = new HashMap<>();
    private boolean closed;

    private record SocketKey(boolean ipv6, Optional<IpAddress> source) {}

    private static final class Waiting {
        final long nonce = ThreadLocalRandom.current().nextLong();
        final CountDownLatch answered = new CountDownLatch(1);
    }

    /** Sends one request and waits for its reply. */
    void ping(Way way, Deadline deadline) throws IOException {
        Waiting reply = new Waiting();
        int protocol = way.target().ipv6() ? L4Descriptor.ICMPV6 : L4Descriptor.ICMP;
        for (int attempt = 0; attempt < CLAIM_ATTEMPTS; attempt++) {
            int identifier = identifiers.getAndIncrement() & (IDENTIFIERS - 1);
            if (!waiting.compareAndSet(identifier, null, reply)) {
                continue;
            }
            Optional<Way.Claim> claim = way.claim(protocol, identifier);
            try {
                if (claim.isPresent() || !way.needsClaim()) {
                    exchange(way, identifier, reply, deadline);
                    return;
                }
            } finally {
                claim.ifPresent(Way.Claim::close);
                waiting.set(identifier, null);
            }
        }
        throw new OwnFaultException("no free identifier for an echo request");
    }

    private void exchange(Way way, int identifier, Waiting reply, Deadline deadline) throws IOException {
        try {
            socket(way).send(request(way.target().ipv6(), identifier, reply.nonce), way.target());
        } catch (RawSocketException e) {
            throw new IOException(e.getMessage(), e);
        }
        try {
            if (!reply.answered.await(deadline.leftMs(), TimeUnit.MILLISECONDS)) {
                throw new SocketTimeoutException();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(e.getMessage());
        }
    }

    private EchoSocket socket(Way way) throws OwnFaultException {
        SocketKey key = new SocketKey(way.target().ipv6(), way.source());
        synchronized (sockets) {
            if (closed) {
                throw new OwnFaultException("health checks end");
            }
            EchoSocket known = sockets.get(key);
            if (known != null) {
                return known;
            }
            try {
                EchoSocket opened = new EchoSocket(key.ipv6, key.source, this::received);
                sockets.put(key, opened);
                return opened;
            } catch (RawSocketException e) {
                throw new OwnFaultException(e.getMessage());
            }
        }
    }

    static byte[] request(boolean ipv6, int identifier, long nonce) {
        ByteBuffer message = ByteBuffer.allocate(EchoDescriptor.LENGTH_BYTES)
                .put(EchoDescriptor.TYPE_OFFSET, (byte)
                        (ipv6 ? EchoDescriptor.IPV6_REQUEST : EchoDescriptor.IPV4_REQUEST))
                .putShort(EchoDescriptor.IDENTIFIER_OFFSET, (short) identifier)
                .putLong(EchoDescriptor.NONCE_OFFSET, nonce);
        if (!ipv6) { // the kernel writes that of ICMPv6
            message.putShort(EchoDescriptor.CHECKSUM_OFFSET, checksum(message));
        }
        return message.array();
    }

    /** RFC 1071. */
    private static short checksum(ByteBuffer message) {
        int sum = 0;
        for (int i = 0; i < message.capacity(); i += Short.BYTES) {
            sum += Short.toUnsignedInt(message.getShort(i));
        }
        sum = (sum & 0xffff) + (sum >>> Short.SIZE);
        return (short) ~(sum + (sum >>> Short.SIZE));
    }

    private void received(int identifier, long nonce) {
        Waiting waits = waiting.get(identifier);
        if (waits != null && waits.nonce == nonce) {
            waits.answered.countDown();
        }
    }

    @Override
    public void close() {
        synchronized (sockets) {
            closed = true;
            sockets.values().forEach(EchoSocket::close);
            sockets.clear();
        }
    }

    /** A socket and the thread that reads its replies. */
    private static final class EchoSocket implements AutoCloseable {
        private static final int RECEIVE_MS = 1000;
        private static final int IPV4_LENGTH_MASK = 0xf;

        private final RawSocket socket;
        private final boolean ipv6;
        private final Reply reply;
        private volatile boolean closed;

        EchoSocket(boolean ipv6, Optional<IpAddress> source, Reply reply) {
            this.ipv6 = ipv6;
            this.reply = reply;
            socket = RawSocket.forEcho(ipv6, source.map(IpAddress::bytes).orElse(new byte[0]));
            Thread.ofPlatform().name("health-ping").daemon().start(this::read);
        }

        void send(byte[] message, IpAddress to) {
            socket.send(message, to.bytes());
        }

        private void read() {
            byte[] packet = new byte[RawSocket.PACKET_BYTES_MAX];
            while (!closed) {
                try {
                    take(ByteBuffer.wrap(packet, 0, socket.receive(packet, RECEIVE_MS)));
                } catch (IllegalStateException _) { // closed meanwhile
                    return;
                }
            }
        }

        private void take(ByteBuffer packet) {
            int start = ipv6 || !packet.hasRemaining() ? 0 : (packet.get(0) & IPV4_LENGTH_MASK) * Integer.BYTES;
            if (packet.limit() < start + EchoDescriptor.LENGTH_BYTES) {
                return;
            }
            int type = packet.get(start + EchoDescriptor.TYPE_OFFSET) & 0xff;
            if (type == (ipv6 ? EchoDescriptor.IPV6_REPLY : EchoDescriptor.IPV4_REPLY)) {
                reply.received(
                        Short.toUnsignedInt(packet.getShort(start + EchoDescriptor.IDENTIFIER_OFFSET)),
                        packet.getLong(start + EchoDescriptor.NONCE_OFFSET));
            }
        }

        @Override
        public void close() {
            closed = true;
            socket.close();
        }
    }

    private interface Reply {
        void received(int identifier, long nonce);
    }
}
