package io.l4lb.health.probe;

import io.l4lb.packet.L4Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketImpl;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;

/**
 * A connection whose every read ends at the deadline and which gives no more than a limit of bytes, TLS on top of it included.
 * Closing it resets the connection: thousands of tries a second must not leave thousands of ports in TIME_WAIT, here or there.
 *
 * <p>Nobody is told when something has come: who waits looks again from time to time ({@link Deadline#pause}), together with all
 * the others. See {@code docs/design/11-health-checks.md}, cost.
 *
 * <p>A {@link Socket}, with as much of it as TLS needs from the one below.
 */
public final class ProbeSocket extends Socket {
    /** An answer of more is none that a health check should give. */
    public static final int MAX_BYTES = 65_536;

    /** Two tries get the same l4Port only when they bind different addresses. */
    private static final int CLAIM_ATTEMPTS = 8;

    private final SocketChannel channel;
    private final InetAddress target;
    private final int l4Port;
    private final Deadline deadline;
    private Optional<Way.Claim> claim = Optional.empty();
    private int leftBytes = MAX_BYTES;
    /** The answer cannot be there yet. */
    private boolean hasJustAsked;

    private ProbeSocket(SocketChannel channel, InetAddress target, int l4Port, Deadline deadline) throws IOException {
        super((SocketImpl) null);
        this.channel = channel;
        this.target = target;
        this.l4Port = l4Port;
        this.deadline = deadline;
    }

    /** {@return a connection to that l4Port of the way's target} */
    public static ProbeSocket connect(Way way, int l4Port, Deadline deadline) throws IOException {
        InetAddress target = Addresses.of(way.target());
        for (int attempt = 0; attempt < CLAIM_ATTEMPTS; attempt++) {
            ProbeSocket socket = new ProbeSocket(open(way.target().ipv6()), target, l4Port, deadline);
            try {
                if (socket.bindAndClaim(way)) {
                    socket.connect();
                    return socket;
                }
                socket.close();
            } catch (Throwable e) {
                socket.close();
                throw e;
            }
        }
        throw new OwnFaultException("no free l4Port to check from");
    }

    private static SocketChannel open(boolean ipv6) throws IOException {
        try {
            return SocketChannel.open(ipv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
        } catch (UnsupportedOperationException _) {
            throw new OwnFaultException("this machine has no IPv6");
        }
    }

    private boolean bindAndClaim(Way way) throws IOException {
        if (way.source().isEmpty() && !way.needsClaim()) {
            return true;
        }
        Addresses.bind(way, channel::bind);
        claim = way.claim(L4Descriptor.TCP, ((InetSocketAddress) channel.getLocalAddress()).getPort());
        return claim.isPresent() || !way.needsClaim();
    }

    private void connect() throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        // three packets to the backend, not six: acknowledgements travel with the request, or the reset
        channel.setOption(ExtendedSocketOptions.TCP_QUICKACK, false);
        long sinceNs = System.nanoTime();
        boolean connected = channel.connect(new InetSocketAddress(target, l4Port));
        while (!connected) {
            deadline.pause(sinceNs);
            connected = channel.finishConnect();
        }
    }

    private int read(byte[] bytes, int offset, int length) throws IOException {
        if (leftBytes == 0) {
            throw new ProbeException("an answer of more than " + MAX_BYTES + " bytes");
        }
        deadline.check();
        ByteBuffer into = ByteBuffer.wrap(bytes, offset, Math.min(length, leftBytes));
        long sinceNs = System.nanoTime();
        if (hasJustAsked) {
            deadline.pause(sinceNs);
            hasJustAsked = false;
        }
        int count = channel.read(into);
        while (count == 0 && length > 0) {
            deadline.pause(sinceNs);
            count = channel.read(into);
        }
        leftBytes -= Math.max(count, 0);
        return count;
    }

    private void write(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer from = ByteBuffer.wrap(bytes, offset, length);
        long sinceNs = System.nanoTime();
        channel.write(from);
        while (from.hasRemaining()) {
            deadline.pause(sinceNs);
            channel.write(from);
        }
        hasJustAsked = true;
    }

    @Override
    public InputStream getInputStream() {
        return new Incoming();
    }

    @Override
    public OutputStream getOutputStream() {
        return new Outgoing();
    }

    @Override
    public boolean isConnected() {
        return channel.isConnected();
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    @Override
    public InetAddress getInetAddress() {
        return target;
    }

    @Override
    public int getPort() {
        return l4Port;
    }

    /** The deadline decides. */
    @Override
    public void setSoTimeout(int timeoutMs) {}

    @Override
    public int getSoTimeout() {
        return 0;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        claim.ifPresent(Way.Claim::close);
    }

    private final class Incoming extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return ProbeSocket.this.read(bytes, offset, length);
        }
    }

    private final class Outgoing extends OutputStream {
        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ProbeSocket.this.write(bytes, offset, length);
        }
    }
}
