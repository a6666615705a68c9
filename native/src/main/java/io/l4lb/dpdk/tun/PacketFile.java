package io.l4lb.dpdk.tun;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.l4lb.dpdk.binding.Libc;
import io.l4lb.dpdk.binding.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The descriptor of a tun device: one read or write, one packet. Some 10,000 packets a second of health checks come this
 * way, so nothing is boxed.
 *
 * <pre>
 * struct pollfd (poll(2))
 * 0  fd        4
 * 4  events    2
 * 6  revents   2
 * </pre>
 */
final class PacketFile implements AutoCloseable {
    private static final MethodHandle POLL =
            NativeLibrary.libcDowncall("poll", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle READ =
            NativeLibrary.libcDowncall("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle WRITE =
            NativeLibrary.libcDowncall("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));

    private static final int EVENTS_OFFSET = 4;
    private static final int REVENTS_OFFSET = 6;
    private static final int POLLFD_BYTES = 8;
    private static final short POLLIN = 1;
    /** POLLERR, POLLHUP, POLLNVAL. */
    private static final int POLL_FAILED = 8 | 16 | 32;
    /** How long a close waits for a receive. */
    private static final int POLL_SLICE_MS = 50;

    private final String name;
    private final int fileDescriptor;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment poll = arena.allocate(POLLFD_BYTES);
    private final MemorySegment incoming = arena.allocate(TunDevice.PACKET_BYTES_MAX);
    private final MemorySegment outgoing = arena.allocate(TunDevice.PACKET_BYTES_MAX);
    private final Lock receiving = new ReentrantLock();
    private final Lock sending = new ReentrantLock();
    private volatile boolean closed;

    PacketFile(String name, int fileDescriptor) {
        this.name = name;
        this.fileDescriptor = fileDescriptor;
        poll.set(JAVA_INT, 0, fileDescriptor);
        poll.set(JAVA_SHORT, EVENTS_OFFSET, POLLIN);
    }

    int receive(byte[] packet, int timeoutMs) {
        return awaitPacket(timeoutMs) ? receiveNow(packet) : 0;
    }

    int receiveNow(byte[] packet) {
        receiving.lock();
        try {
            requireOpen();
            return read(packet);
        } finally {
            receiving.unlock();
        }
    }

    boolean awaitPacket(int timeoutMs) {
        receiving.lock();
        try {
            for (int leftMs = timeoutMs; ; leftMs -= POLL_SLICE_MS) {
                requireOpen();
                if (await(Math.clamp(leftMs, 0, POLL_SLICE_MS))) {
                    return true;
                }
                if (leftMs <= POLL_SLICE_MS) {
                    return false;
                }
            }
        } finally {
            receiving.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new TunException("the interface " + name + " is closed");
        }
    }

    /** {@return whether there is a packet}; also false when a signal has ended the wait. */
    private boolean await(int timeoutMs) {
        try {
            int ready = (int) POLL.invokeExact(poll.address(), 1L, timeoutMs);
            if (ready > 0 && (poll.get(JAVA_SHORT, REVENTS_OFFSET) & POLL_FAILED) != 0) {
                throw new TunException("the interface " + name + " has been removed");
            }
            return ready > 0;
        } catch (TunException e) {
            throw e;
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }

    private int read(byte[] packet) {
        try {
            long length = (long) READ.invokeExact(fileDescriptor, incoming.address(), incoming.byteSize());
            int lengthBytes = Math.clamp(length, 0, packet.length); // -1: somebody else was faster, or it is down
            MemorySegment.copy(incoming, JAVA_BYTE, 0, packet, 0, lengthBytes);
            return lengthBytes;
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        }
    }

    boolean send(byte[] packet, int lengthBytes) {
        sending.lock();
        try {
            if (closed) {
                return false;
            }
            MemorySegment.copy(packet, 0, outgoing, JAVA_BYTE, 0, lengthBytes);
            return (long) WRITE.invokeExact(fileDescriptor, outgoing.address(), (long) lengthBytes) == lengthBytes;
        } catch (Throwable t) {
            throw NativeLibrary.unexpected(t);
        } finally {
            sending.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        receiving.lock();
        sending.lock();
        try {
            Libc.close(fileDescriptor);
            arena.close();
        } finally {
            sending.unlock();
            receiving.unlock();
        }
    }
}
