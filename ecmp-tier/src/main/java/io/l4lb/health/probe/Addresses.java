package io.l4lb.health.probe;

import io.l4lb.net.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;

/** Our addresses as the JDK's, without asking a name service. */
public final class Addresses {
    /** What binds a socket. */
    public interface Binding {
        /** Binds it. */
        void bind(SocketAddress local) throws IOException;
    }

    private Addresses() {}

    /** {@return the same address} */
    public static InetAddress of(IpAddress address) {
        try {
            return InetAddress.getByAddress(address.bytes());
        } catch (UnknownHostException e) { // for a wrong length only
            throw new UncheckedIOException(e);
        }
    }

    /** Binds a socket to the way's source, and a free l4Port. */
    public static void bind(Way way, Binding socket) throws IOException {
        try {
            socket.bind(way.source()
                    .map(source -> new InetSocketAddress(of(source), 0))
                    .orElse(null));
        } catch (BindException e) {
            throw new OwnFaultException("cannot check from "
                    + way.source().map(IpAddress::toString).orElse("any address") + ": " + e.getMessage());
        }
    }
}
