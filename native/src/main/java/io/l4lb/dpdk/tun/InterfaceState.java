package io.l4lb.dpdk.tun;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.l4lb.dpdk.binding.Libc;
import io.l4lb.dpdk.binding.Libc.RefusedException;
import io.l4lb.dpdk.binding.SystemCall;
import java.util.Optional;

/**
 * How it stands with an interface of the kernel's, whoever has made it.
 *
 * @param index the kernel's number: an interface that was removed and made again has another one
 * @param running whether it is up and its link is
 */
public record InterfaceState(int index, boolean running) {
    private static final SystemCall SOCKET = SystemCall.of("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
    private static final int ENODEV = 19;

    /**
     * {@return what the kernel says; empty: there is no such interface} Takes some microseconds.
     *
     * @throws TunException when the kernel does not answer
     */
    public static Optional<InterfaceState> of(String name) {
        int socket = -1;
        try {
            socket = (int) SOCKET.call(AF_INET, SOCK_DGRAM_CLOEXEC, 0);
            int index = TunDevice.request(socket, name, InterfaceRequestDescriptor.SIOCGIFINDEX, 0);
            int flags = TunDevice.request(socket, name, InterfaceRequestDescriptor.SIOCGIFFLAGS, 0);
            return Optional.of(new InterfaceState(index, isRunning(flags)));
        } catch (RefusedException e) {
            if (e.errno() == ENODEV) {
                return Optional.empty();
            }
            throw new TunException("cannot ask for the interface " + name, e);
        } finally {
            if (socket >= 0) {
                Libc.close(socket);
            }
        }
    }

    private static boolean isRunning(int flags) {
        int wanted = InterfaceRequestDescriptor.IFF_UP | InterfaceRequestDescriptor.IFF_RUNNING;
        return (flags & wanted) == wanted;
    }
}
