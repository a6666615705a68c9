package io.l4lb.dpdk.raw;

/** The kernel does not let us have or use a raw socket; the message says what would help. */
public final class RawSocketException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int EPERM = 1;
    private static final int EBADF = 9;
    private static final int EAGAIN = 11;
    private static final int EACCES = 13;
    private static final int EINVAL = 22;
    private static final int EMFILE = 24;
    private static final int EMSGSIZE = 90;
    private static final int EAFNOSUPPORT = 97;
    private static final int EADDRNOTAVAIL = 99;
    private static final int ENETDOWN = 100;
    private static final int ENETUNREACH = 101;
    private static final int ENOBUFS = 105;
    private static final int EHOSTUNREACH = 113;

    RawSocketException(String what, int errno) {
        super(what + ": " + reason(errno));
    }

    private static String reason(int errno) {
        return switch (errno) {
            case EPERM, EACCES -> "not permitted; run as root, or with CAP_NET_RAW";
            case EBADF -> "the socket is closed";
            case EAGAIN, ENOBUFS -> "the kernel's buffers are full";
            case EINVAL -> "refused";
            case EMFILE -> "too many open files";
            case EMSGSIZE -> "the packet is too big for the link";
            case EAFNOSUPPORT -> "the kernel does not know this address family";
            case EADDRNOTAVAIL -> "the address is none of this machine";
            case ENETDOWN -> "the interface is down";
            case ENETUNREACH, EHOSTUNREACH -> "no route";
            default -> "error number " + errno;
        };
    }
}
