package io.l4lb.dpdk.tun;

import io.l4lb.dpdk.binding.Libc.RefusedException;

/** The kernel does not let us have or use the interface; the message says what would help. */
public final class TunException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int EPERM = 1;
    private static final int ENOENT = 2;
    private static final int EACCES = 13;
    private static final int EBUSY = 16;
    private static final int ENODEV = 19;
    private static final int EINVAL = 22;
    private static final int ENETDOWN = 100;

    TunException(String what, RefusedException cause) {
        super(what + ": " + reason(cause.errno()), cause);
    }

    TunException(String message) {
        super(message);
    }

    private static String reason(int errno) {
        return switch (errno) {
            case EPERM, EACCES -> "not permitted; run as root, or with CAP_NET_ADMIN";
            case ENOENT, ENODEV -> "no such device; does this kernel have the module tun (modprobe tun)?";
            case EBUSY -> "it exists already; another node with the same name, or 'ip tuntap' made it";
            case EINVAL -> "refused; an interface of that name and another kind exists, or the name is none";
            case ENETDOWN -> "the interface is down";
            default -> "error number " + errno;
        };
    }
}
