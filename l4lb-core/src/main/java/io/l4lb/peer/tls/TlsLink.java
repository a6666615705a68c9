package io.l4lb.peer.tls;

import io.l4lb.peer.link.Link;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/** TLS 1.3 over a channel that never blocks; of one thread. Holds one TLS record each way. */
public final class TlsLink implements Link {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private final SSLEngine engine;
    /** Encrypted, as received; ready to be filled. */
    private final ByteBuffer netIn;
    /** Encrypted, to be sent; ready to be drained. */
    private final ByteBuffer netOut;
    /** What was received, decrypted; ready to be drained. */
    private final ByteBuffer appIn;

    private boolean isEnd;

    TlsLink(SocketChannel channel, SSLEngine engine) {
        this.channel = channel;
        this.engine = engine;
        netIn = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        netOut = ByteBuffer.allocate(engine.getSession().getPacketBufferSize()).limit(0);
        appIn = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize())
                .limit(0);
    }

    @Override
    public boolean handshake() throws IOException {
        if (engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
                && engine.getSession().getProtocol().equals("NONE")) {
            engine.beginHandshake();
        }
        while (flush()) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> wrap(NOTHING);
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (!unwrap()) {
                        refuseEnd();
                        return false;
                    }
                }
                default -> {
                    return true;
                }
            }
        }
        return false;
    }

    private void refuseEnd() throws SSLException {
        if (isEnd) {
            throw new SSLException("closed during the handshake");
        }
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        while (!appIn.hasRemaining()) {
            if (isEnd) {
                return -1;
            }
            boolean isProgress = switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> runTasks();
                // Its answer to a change of keys; if the kernel has no room, later.
                case NEED_WRAP -> flush() && wrap(NOTHING);
                default -> unwrap();
            };
            if (!isProgress && !isEnd) {
                return 0;
            }
        }
        int length = Math.min(to.remaining(), appIn.remaining());
        to.put(to.position(), appIn, appIn.position(), length);
        to.position(to.position() + length);
        appIn.position(appIn.position() + length);
        return length;
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        while (flush() && from.hasRemaining() && wrap(from)) {}
    }

    @Override
    public boolean flush() throws IOException {
        if (netOut.hasRemaining()) {
            channel.write(netOut);
        }
        return !netOut.hasRemaining();
    }

    /** Fills {@link #netOut}, which is empty. {@return whether something went in} */
    private boolean wrap(ByteBuffer from) throws SSLException {
        netOut.clear();
        try {
            SSLEngineResult result = engine.wrap(from, netOut);
            return result.getStatus() == Status.OK && (result.bytesProduced() > 0 || result.bytesConsumed() > 0);
        } finally {
            netOut.flip();
        }
    }

    /** Decrypts a record into {@link #appIn}, which is empty. {@return false: not without more bytes, which are not there} */
    private boolean unwrap() throws IOException {
        while (!isEnd) {
            netIn.flip();
            appIn.clear();
            SSLEngineResult result;
            try {
                result = engine.unwrap(netIn, appIn);
            } finally {
                appIn.flip();
                netIn.compact();
            }
            switch (result.getStatus()) {
                case OK -> {
                    return true;
                }
                case CLOSED -> isEnd = true;
                case BUFFER_OVERFLOW -> throw new SSLException("a record longer than a TLS record can be");
                case BUFFER_UNDERFLOW -> {
                    if (!fill()) {
                        return false;
                    }
                }
            }
        }
        return false;
    }

    private boolean fill() throws IOException {
        if (!netIn.hasRemaining()) {
            throw new SSLException("a record longer than a TLS record can be");
        }
        int length = channel.read(netIn);
        isEnd = length < 0;
        return length > 0;
    }

    private boolean runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
        return true;
    }

    @Override
    public boolean isOf(String nodeId) {
        try {
            return engine.getSession().getPeerCertificates()[0] instanceof X509Certificate certificate
                    && CertificateNames.of(certificate).contains(nodeId);
        } catch (SSLPeerUnverifiedException e) {
            return false;
        }
    }

    /** Says goodbye if the kernel takes it at once. */
    @Override
    public void close() {
        try (channel) {
            engine.closeOutbound();
            if (flush() && wrap(NOTHING)) {
                flush();
            }
        } catch (IOException e) {
            // The peer sees the end of TCP instead.
            return;
        }
    }
}
