package io.l4lb.health.probe;

import io.l4lb.net.IpAddress;
import java.util.Optional;

/** How a try gets to its backend: plainly, or encapsulated to the VIP's address on it. */
public interface Way {
    /** {@return the address that sockets connect to} */
    IpAddress target();

    /** {@return the address that sockets are bound to; empty: the kernel's choice} */
    Optional<IpAddress> source();

    /** {@return the backend's own address} */
    IpAddress backend();

    /** {@return whether {@link #claim} has to be called before a socket sends} */
    boolean needsClaim();

    /**
     * Has packets from that l4Port (of ICMP: with that identifier) go this way, until the claim is closed.
     *
     * @param ipProtocol TCP, UDP, ICMP or ICMPv6
     * @return empty when another try has it now
     */
    Optional<Claim> claim(int ipProtocol, int l4Port);

    /** What {@link #claim} gave. */
    interface Claim extends AutoCloseable {
        @Override
        void close();
    }
}
