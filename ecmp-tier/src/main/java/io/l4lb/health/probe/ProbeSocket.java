package io.l4lb.health.probe;

import io.l4lb.packet.L4Descriptor;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.util.Optional;
import jdk.net.ExtendedSocketOptions;

/**
 * A connection whose every read ends at the deadline and which gives no more than a limit of bytes, TLS on top of it included.
 * Closing it resets the connection: thousands of tries a second must not leave thousands of ports in TIME_WAIT, here or there.
 */
public final class ProbeSocket extends Socket {
    /** An answer of more is none that a health check should give. */
    public static final int MAX_BYTES = 65_536;

    /** Two tries get the same l4Port only when they bind different addresses. */
    private static final int CLAIM_ATTEMPTS = 8;

    private final Deadline deadline;
    private Optional<Way.Claim> claim = Optional.empty();
    private int leftBytes = MAX_BYTES;

    private ProbeSocket(Deadline deadline) {
        super(Proxy.NO_PROXY);
        this.deadline = deadline;
    }

    /** {@return a connection to that l4Port of the way's target} */
    public static ProbeSocket connect(Way way, int l4Port, Deadline deadline) throws IOException {
        InetAddress target = Addresses.of(way.target());
        for (int attempt = 0; attempt < CLAIM_ATTEMPTS; attempt++) {
            ProbeSocket socket = new ProbeSocket(deadline);
            try {
                if (socket.bindAndClaim(way)) {
                    socket.setSoLinger(true, 0);
                    // three packets to the backend, not six: acknowledgements travel with the request, or the reset
                    socket.setOption(ExtendedSocketOptions.TCP_QUICKACK, false);
                    socket.connect(new InetSocketAddress(target, l4Port), deadline.leftMs());
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

    private boolean bindAndClaim(Way way) throws IOException {
        if (way.source().isEmpty() && !way.needsClaim()) {
            return true;
        }
        Addresses.bind(way, this::bind);
        claim = way.claim(L4Descriptor.TCP, getLocalPort());
        return claim.isPresent() || !way.needsClaim();
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new BoundedStream(super.getInputStream());
    }

    @Override
    public void close() throws IOException {
        super.close();
        claim.ifPresent(Way.Claim::close);
    }

    private final class BoundedStream extends FilterInputStream {
        BoundedStream(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (leftBytes == 0) {
                throw new ProbeException("an answer of more than " + MAX_BYTES + " bytes");
            }
            setSoTimeout(deadline.leftMs());
            int count = super.read(bytes, offset, Math.min(length, leftBytes));
            leftBytes -= Math.max(count, 0);
            return count;
        }
    }
}
