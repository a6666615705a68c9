package io.l4lb.dpdk.tun;

import static io.l4lb.dpdk.tun.InterfaceRequestDescriptor.IFF_UP;
import static io.l4lb.dpdk.tun.InterfaceRequestDescriptor.LENGTH_BYTES;
import static io.l4lb.dpdk.tun.InterfaceRequestDescriptor.NAME_BYTES;
import static io.l4lb.dpdk.tun.InterfaceRequestDescriptor.NAME_OFFSET;
import static io.l4lb.dpdk.tun.InterfaceRequestDescriptor.VALUE_OFFSET;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.l4lb.dpdk.binding.Libc;
import io.l4lb.dpdk.binding.Libc.RefusedException;
import io.l4lb.dpdk.binding.SystemCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An interface whose other end is this process: {@link #receive} gives the IP packets that the kernel routes to it. Not
 * persistent: it vanishes with the process, however that ends, and all routes through it with it.
 *
 * <p>One thread may receive while another sends or asks; {@link #close} waits for a receive to end.
 */
public final class TunDevice implements AutoCloseable {
    /** The largest name that the kernel takes. */
    public static final int NAME_LENGTH_MAX = NAME_BYTES - 1;
    /** What {@link #receive} needs room for: the largest IP packet. */
    public static final int PACKET_BYTES_MAX = 65_535;

    private static final SystemCall OPEN = SystemCall.variadic("open", 2, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final SystemCall SOCKET = SystemCall.of("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final SystemCall IOCTL = SystemCall.variadic("ioctl", 2, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final int O_RDWR_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;

    private final String name;
    private final int interfaceIndex;
    private final int controlSocket;
    private final PacketFile packets;
    private boolean closed;

    private TunDevice(String name, int fileDescriptor, int controlSocket) {
        this.name = name;
        this.controlSocket = controlSocket;
        this.packets = new PacketFile(name, fileDescriptor);
        this.interfaceIndex = ask(InterfaceRequestDescriptor.SIOCGIFINDEX, 0);
    }

    /**
     * Makes the interface and brings it up, without an address.
     *
     * @param name up to {@value #NAME_LENGTH_MAX} characters
     * @throws TunException when the kernel refuses, or has an interface of that name
     */
    public static TunDevice open(String name) {
        if (name.isEmpty() || name.length() > NAME_LENGTH_MAX) {
            throw new TunException("an interface's name has 1 to " + NAME_LENGTH_MAX + " characters: " + name);
        }
        int fileDescriptor = openFile();
        int controlSocket = -1;
        try {
            request(fileDescriptor, name, InterfaceRequestDescriptor.TUNSETIFF, InterfaceRequestDescriptor.TUN_FLAGS);
            controlSocket = (int) SOCKET.call(AF_INET, SOCK_DGRAM_CLOEXEC, 0);
            TunDevice device = new TunDevice(name, fileDescriptor, controlSocket);
            device.keepQuiet();
            device.setUp(true);
            return device;
        } catch (RefusedException e) {
            Libc.close(fileDescriptor);
            if (controlSocket >= 0) {
                Libc.close(controlSocket);
            }
            throw new TunException("cannot make the interface " + name, e);
        }
    }

    private static int openFile() {
        try (Arena arena = Arena.ofConfined()) {
            return (int) OPEN.call(arena.allocateFrom("/dev/net/tun").address(), O_RDWR_NONBLOCK_CLOEXEC);
        } catch (RefusedException e) {
            throw new TunException("cannot open /dev/net/tun", e);
        }
    }

    /** No link-local address, so that the kernel has nothing to say on it; where IPv6 is off there is no such file. */
    private void keepQuiet() {
        try {
            Files.writeString(Path.of("/proc/sys/net/ipv6/conf", name, "addr_gen_mode"), "1");
        } catch (IOException _) {
            return; // what the kernel then sends is read and ignored like anything that is none of ours
        }
    }

    public String name() {
        return name;
    }

    /** {@return the kernel's number of the interface} */
    public int interfaceIndex() {
        return interfaceIndex;
    }

    /** {@return whether routes through it count; false as well when somebody has removed the interface} */
    public boolean isUp() {
        try {
            return (ask(InterfaceRequestDescriptor.SIOCGIFFLAGS, 0) & IFF_UP) != 0;
        } catch (RefusedException _) {
            return false;
        }
    }

    /** Going down takes all routes through the interface with it. */
    public void setUp(boolean up) {
        try {
            int flags = ask(InterfaceRequestDescriptor.SIOCGIFFLAGS, 0) & 0xffff;
            ask(InterfaceRequestDescriptor.SIOCSIFFLAGS, up ? flags | IFF_UP : flags & ~IFF_UP);
        } catch (RefusedException e) {
            throw new TunException("cannot set the interface " + name + (up ? " up" : " down"), e);
        }
    }

    /** The largest packet that the kernel sends to it whole. */
    public void setMtuBytes(int mtuBytes) {
        try {
            ask(InterfaceRequestDescriptor.SIOCSIFMTU, mtuBytes);
        } catch (RefusedException e) {
            throw new TunException("cannot set the MTU of the interface " + name + " to " + mtuBytes, e);
        }
    }

    private int ask(long what, int value) {
        return request(controlSocket, name, what, value);
    }

    static int request(int fileDescriptor, String name, long what, int value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(LENGTH_BYTES);
            byte[] text = name.getBytes(StandardCharsets.US_ASCII);
            MemorySegment.copy(text, 0, request, JAVA_BYTE, NAME_OFFSET, text.length);
            request.set(JAVA_INT, VALUE_OFFSET, value);
            IOCTL.call(fileDescriptor, what, request.address());
            return isFlags(what) ? request.get(JAVA_SHORT, VALUE_OFFSET) : request.get(JAVA_INT, VALUE_OFFSET);
        }
    }

    private static boolean isFlags(long what) {
        return what == InterfaceRequestDescriptor.SIOCGIFFLAGS;
    }

    /**
     * Waits for one IP packet.
     *
     * @param packet where it goes, from index 0; {@value #PACKET_BYTES_MAX} bytes, or what is longer is cut
     * @return its length in bytes; 0 when none came within {@code timeoutMs}
     * @throws TunException when the interface is gone, or closed
     */
    public int receive(byte[] packet, int timeoutMs) {
        return packets.receive(packet, timeoutMs);
    }

    /**
     * Likewise, without a wait and without a look whether there is one: for who takes many at a time.
     *
     * @return its length in bytes; 0 when there is none, or the interface is gone, which {@link #awaitPacket} finds
     * @throws TunException when closed
     */
    public int receiveNow(byte[] packet) {
        return packets.receiveNow(packet);
    }

    /**
     * {@return whether there was a packet within {@code timeoutMs}}
     *
     * @throws TunException when the interface is gone, or closed
     */
    public boolean awaitPacket(int timeoutMs) {
        return packets.awaitPacket(timeoutMs);
    }

    /** Has the kernel receive an IP packet from the interface; {@return whether it took it}. */
    public boolean send(byte[] packet, int lengthBytes) {
        return packets.send(packet, lengthBytes);
    }

    /** Removes the interface, and with it all routes through it. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            packets.close();
            Libc.close(controlSocket);
        }
    }
}
