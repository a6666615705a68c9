package io.l4lb.replay;

/** A capture that cannot be read, or an output that cannot be written. The message is one line for the user. */
public final class PcapException extends Exception {
    private static final long serialVersionUID = 1;

    PcapException(String message) {
        super(message);
    }

    PcapException(String message, Throwable cause) {
        super(message, cause);
    }
}
