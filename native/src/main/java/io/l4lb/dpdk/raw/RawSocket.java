package io.l4lb.dpdk.raw;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.l4lb.dpdk.binding.Libc;
import io.l4lb.dpdk.binding.Libc.RefusedException;
import io.l4lb.dpdk.binding.NativeLibrary;
import io.l4lb.dpdk.binding.SystemCall;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A raw socket. Sending never waits; one thread may receive while others send; {@link #close} waits for both. Thousands of
 * packets a second come this way, so nothing is boxed.
 */
public final class RawSocket implements AutoCloseable {
    /** What {@link #receive} needs room for. */
    public static final int PACKET_BYTES_MAX = 65_535;

    private static final SystemCall SOCKET = SystemCall.of("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final SystemCall SET_OPTION =
            SystemCall.of("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final SystemCall BIND = SystemCall.of("bind", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final long ERRNO_OFFSET = STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SEND = NativeLibrary.libcDowncall(
            "sendto",
            FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT),
            Linker.Option.captureCallState("errno"));
    private static final MethodHandle RECEIVE = NativeLibrary.libcDowncall(
            "recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle POLL =
            NativeLibrary.libcDowncall("poll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

    private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
    private static final int IPPROTO_ICMP = 1;
    private static final int IPPROTO_ICMPV6 = 58;
    /** The packet brings its own IP header (raw(7)). */
    private static final int IPPROTO_RAW = 255;

    private static final int MSG_DONTWAIT = 0x40;
    /** SOL_RAW with ICMP_FILTER, SOL_ICMPV6 with ICMPV6_FILTER: a set bit keeps messages of that type out. */
    private static final int SOL_RAW = 255;

    private static final int ICMP_FILTER = 1;
    private static final int IPV4_ECHO_REPLY = 0;
    private static final int IPV6_ECHO_REPLY = 129;
    private static final int IPV6_FILTER_BYTES = 32;

    /** struct pollfd: fd, events (POLLIN), revents. */
    private static final int POLLFD_BYTES = 8;

    private static final int EVENTS_OFFSET = 4;
    private static final short POLLIN = 1;
    /** How long a close waits for a receive. */
    private static final int POLL_SLICE_MS = 50;

    private final int fileDescriptor;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(STATE);
    private final MemorySegment destination = arena.allocate(SocketAddressDescriptor.IPV6_LENGTH_BYTES, Long.BYTES);
    private final MemorySegment outgoing = arena.allocate(PACKET_BYTES_MAX);
    private final MemorySegment incoming = arena.allocate(PACKET_BYTES_MAX);
    private final MemorySegment poll = arena.allocate(POLLFD_BYTES, Long.BYTES);
    private final Lock sending = new ReentrantLock();
    private final Lock receiving = new ReentrantLock();
    private volatile boolean closed;

    private RawSocket(int fileDescriptor) {
        this.fileDescriptor = fileDescriptor;
    }

    /** A socket for whole IP packets, which the kernel sends as they are, by its routes. Receives nothing. */
    public static RawSocket forIpPackets(boolean ipv6) {
        return open(ipv6 ? SocketAddressDescriptor.AF_INET6 : SocketAddressDescriptor.AF_INET, IPPROTO_RAW);
    }

    /** A socket for whole Ethernet frames. Receives nothing. */
    public static RawSocket forFrames() {
        return open(SocketAddressDescriptor.AF_PACKET, 0);
    }

    /**
     * A socket for ICMP or ICMPv6 messages. Receives echo replies only, of the whole machine; IPv4: with the IP header before
     * them. The kernel writes the checksum of ICMPv6, not that of ICMP.
     *
     * @param source address that messages come from; length 0: the kernel's choice
     */
    public static RawSocket forEcho(boolean ipv6, byte[] source) {
        RawSocket socket = open(
                ipv6 ? SocketAddressDescriptor.AF_INET6 : SocketAddressDescriptor.AF_INET,
                ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
        try {
            socket.admitEchoRepliesOnly(ipv6);
            if (source.length > 0) {
                int length = socket.writeDestination(source);
                BIND.call(socket.fileDescriptor, socket.destination.address(), length);
            }
            return socket;
        } catch (RefusedException e) {
            socket.close();
            throw new RawSocketException("cannot prepare a socket for pings", e.errno());
        }
    }

    private static RawSocket open(int family, int protocol) {
        try {
            return new RawSocket((int) SOCKET.call(family, SOCK_RAW_CLOEXEC, protocol));
        } catch (RefusedException e) {
            throw new RawSocketException("cannot open a raw socket", e.errno());
        }
    }

    private void admitEchoRepliesOnly(boolean ipv6) {
        try (Arena brief = Arena.ofConfined()) {
            MemorySegment filter = brief.allocate(IPV6_FILTER_BYTES, Long.BYTES).fill((byte) 0xff);
            int type = ipv6 ? IPV6_ECHO_REPLY : IPV4_ECHO_REPLY;
            int word = type / Integer.SIZE;
            filter.setAtIndex(JAVA_INT, word, ~(1 << (type % Integer.SIZE)));
            SET_OPTION.call(
                    fileDescriptor,
                    ipv6 ? IPPROTO_ICMPV6 : SOL_RAW,
                    ICMP_FILTER,
                    filter.address(),
                    ipv6 ? IPV6_FILTER_BYTES : Integer.BYTES);
        }
    }

    /**
     * Sends {@code lengthBytes} at {@code packet} to an address of 4 or 16 bytes.
     *
     * @throws RawSocketException when the kernel refuses, also when its buffers are full
     */
    public void send(long packet, int lengthBytes, byte[] to) {
        sending.lock();
        try {
            sendTo(packet, lengthBytes, writeDestination(to));
        } finally {
            sending.unlock();
        }
    }

    /** Likewise, from an array. */
    public void send(byte[] packet, byte[] to) {
        sending.lock();
        try {
            MemorySegment.copy(packet, 0, outgoing, JAVA_BYTE, 0, packet.length);
            sendTo(outgoing.address(), packet.length, writeDestination(to));
        } finally {
            sending.unlock();
        }
    }

    /** Sends a frame out of the interface with that number. */
    public void sendFrame(long frame, int lengthBytes, int interfaceIndex) {
        sending.lock();
        try {
            destination.fill((byte) 0);
            destination.set(
                    JAVA_SHORT, SocketAddressDescriptor.FAMILY_OFFSET, (short) SocketAddressDescriptor.AF_PACKET);
            destination.set(JAVA_INT, SocketAddressDescriptor.INTERFACE_OFFSET, interfaceIndex);
            sendTo(frame, lengthBytes, SocketAddressDescriptor.PACKET_LENGTH_BYTES);
        } finally {
            sending.unlock();
        }
    }

    private int writeDestination(byte[] to) {
        boolean ipv4 = to.length == Integer.BYTES;
        destination.fill((byte) 0);
        destination.set(JAVA_SHORT, SocketAddressDescriptor.FAMILY_OFFSET, (short)
                (ipv4 ? SocketAddressDescriptor.AF_INET : SocketAddressDescriptor.AF_INET6));
        int offset = ipv4 ? SocketAddressDescriptor.IPV4_ADDRESS_OFFSET : SocketAddressDescriptor.IPV6_ADDRESS_OFFSET;
        MemorySegment.copy(to, 0, destination, JAVA_BYTE, offset, to.length);
        return ipv4 ? SocketAddressDescriptor.IPV4_LENGTH_BYTES : SocketAddressDescriptor.IPV6_LENGTH_BYTES;
    }

    private void sendTo(long packet, int lengthBytes, int destinationLength) {
        requireOpen();
        long sent;
        try {
            sent = (long) SEND.invokeExact(
                    state,
                    fileDescriptor,
                    packet,
                    (long) lengthBytes,
                    MSG_DONTWAIT,
                    destination.address(),
                    destinationLength);
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
        if (sent < 0) {
            throw new RawSocketException("cannot send", state.get(JAVA_INT, ERRNO_OFFSET));
        }
    }

    /** Waits for a packet; {@return its length in bytes, cut to {@code packet}, or 0 when none came in time}. */
    public int receive(byte[] packet, int timeoutMs) {
        receiving.lock();
        try {
            for (int leftMs = timeoutMs; leftMs > 0 && !closed; leftMs -= POLL_SLICE_MS) {
                if (isReady(Math.min(leftMs, POLL_SLICE_MS))) {
                    return take(packet);
                }
            }
            requireOpen();
            return 0;
        } finally {
            receiving.unlock();
        }
    }

    private boolean isReady(int timeoutMs) {
        poll.set(JAVA_INT, 0, fileDescriptor);
        poll.set(JAVA_SHORT, EVENTS_OFFSET, POLLIN);
        try {
            return (int) POLL.invokeExact(poll.address(), 1L, timeoutMs) > 0;
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }

    private int take(byte[] packet) {
        long length;
        try {
            length = (long)
                    RECEIVE.invokeExact(fileDescriptor, incoming.address(), (long) PACKET_BYTES_MAX, MSG_DONTWAIT);
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
        int taken = Math.clamp(length, 0, packet.length);
        MemorySegment.copy(incoming, JAVA_BYTE, 0, packet, 0, taken);
        return taken;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the raw socket is closed");
        }
    }

    @Override
    public void close() {
        closed = true;
        sending.lock();
        receiving.lock();
        try {
            if (arena.scope().isAlive()) {
                arena.close();
                Libc.close(fileDescriptor);
            }
        } finally {
            receiving.unlock();
            sending.unlock();
        }
    }
}
