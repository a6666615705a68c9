package io.l4lb.dpdk.tun;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.l4lb.dpdk.binding.Libc;
import io.l4lb.dpdk.binding.Libc.RefusedException;
import io.l4lb.dpdk.binding.SystemCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Host routes through one interface, in one table of the kernel's, under one protocol number and metric. Each change is done
 * when its method returns: some 20 us, no process is started. One thread at a time.
 */
public final class TunRoutes implements AutoCloseable {
    private static final SystemCall SOCKET = SystemCall.of("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final SystemCall SEND = SystemCall.of("send", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final SystemCall RECEIVE =
            SystemCall.of("recv", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
    /** The kernel has answered before send returns; a missing answer must not become a wait. */
    private static final int MSG_DONTWAIT = 0x40;

    private static final int MESSAGE_BYTES = 256;
    private static final int ESRCH = 3;

    private final int routeSocket;
    private final int interfaceIndex;
    private final int table;
    private final int protocolNumber;
    private final int metric;
    private int sequence;
    private boolean closed;

    /**
     * @param interfaceIndex that the routes lead to
     * @param table 1 to 255; 254 is the kernel's main table
     * @param protocolNumber who made the routes, 4 to 255: what routing daemons and {@code ip route} show and filter by
     * @param metric lower goes first
     */
    public TunRoutes(int interfaceIndex, int table, int protocolNumber, int metric) {
        this.interfaceIndex = interfaceIndex;
        this.table = table;
        this.protocolNumber = protocolNumber;
        this.metric = metric;
        try {
            this.routeSocket = (int) SOCKET.call(AF_NETLINK, SOCK_RAW_CLOEXEC, 0);
        } catch (RefusedException e) {
            throw new TunException("cannot speak to the kernel about routes", e);
        }
    }

    /** Makes the route to {@code address} (4 or 16 bytes) be there. */
    public void put(byte[] address) {
        int error = exchange(message(address, RouteMessageDescriptor.RTM_NEWROUTE, RouteMessageDescriptor.PUT_FLAGS));
        if (error != 0) {
            throw new TunException("cannot make a route", new RefusedException("RTM_NEWROUTE", error));
        }
    }

    /** Makes the route be gone; it may have been so before. */
    public void remove(byte[] address) {
        int error =
                exchange(message(address, RouteMessageDescriptor.RTM_DELROUTE, RouteMessageDescriptor.REMOVE_FLAGS));
        if (error != 0 && error != ESRCH) {
            throw new TunException("cannot remove a route", new RefusedException("RTM_DELROUTE", error));
        }
    }

    private byte[] message(byte[] address, short type, short flags) {
        boolean ipv4 = address.length == Integer.BYTES;
        ByteBuffer message = ByteBuffer.allocate(MESSAGE_BYTES).order(ByteOrder.nativeOrder());
        message.putShort(RouteMessageDescriptor.TYPE_OFFSET, type);
        message.putShort(RouteMessageDescriptor.FLAGS_OFFSET, flags);
        message.putInt(RouteMessageDescriptor.SEQUENCE_OFFSET, ++sequence);
        message.put(
                RouteMessageDescriptor.FAMILY_OFFSET,
                ipv4 ? RouteMessageDescriptor.AF_INET : RouteMessageDescriptor.AF_INET6);
        message.put(RouteMessageDescriptor.PREFIX_LENGTH_OFFSET, (byte) (address.length * Byte.SIZE));
        message.put(RouteMessageDescriptor.TABLE_OFFSET, (byte) table);
        message.put(RouteMessageDescriptor.PROTOCOL_OFFSET, (byte) protocolNumber);
        message.put(
                RouteMessageDescriptor.SCOPE_OFFSET,
                ipv4 ? RouteMessageDescriptor.SCOPE_LINK : RouteMessageDescriptor.SCOPE_UNIVERSE);
        message.put(RouteMessageDescriptor.KIND_OFFSET, RouteMessageDescriptor.UNICAST);
        message.position(RouteMessageDescriptor.ATTRIBUTES_OFFSET);
        putAttribute(message, RouteMessageDescriptor.RTA_OIF, interfaceIndex);
        putAttribute(message, RouteMessageDescriptor.RTA_PRIORITY, metric);
        message.putShort((short) (RouteMessageDescriptor.ATTRIBUTE_HEADER_BYTES + address.length))
                .putShort(RouteMessageDescriptor.RTA_DST)
                .put(address);
        message.putInt(RouteMessageDescriptor.LENGTH_OFFSET, message.position());
        byte[] bytes = new byte[message.position()];
        message.get(0, bytes);
        return bytes;
    }

    private static void putAttribute(ByteBuffer message, short type, int value) {
        message.putShort((short) (RouteMessageDescriptor.ATTRIBUTE_HEADER_BYTES + Integer.BYTES))
                .putShort(type)
                .putInt(value);
    }

    /** {@return the kernel's error number, 0 for none} */
    private int exchange(byte[] message) {
        if (closed) {
            throw new TunException("cannot speak to the kernel about routes: closed");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(MESSAGE_BYTES, Long.BYTES);
            MemorySegment.copy(message, 0, buffer, JAVA_BYTE, 0, message.length);
            SEND.call(routeSocket, buffer.address(), (long) message.length, 0);
            do {
                RECEIVE.call(routeSocket, buffer.address(), buffer.byteSize(), MSG_DONTWAIT);
            } while (buffer.get(JAVA_INT, RouteMessageDescriptor.SEQUENCE_OFFSET) != sequence);
            return -buffer.get(JAVA_INT, RouteMessageDescriptor.ERROR_OFFSET);
        } catch (RefusedException e) {
            return e.errno();
        }
    }

    /** A second time does nothing: the number may be another file's by then. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.close(routeSocket);
        }
    }
}
