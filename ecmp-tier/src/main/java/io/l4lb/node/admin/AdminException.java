package io.l4lb.node.admin;

import java.util.List;

/** A request that is not carried out; the message is for the operator. */
public final class AdminException extends RuntimeException {
    static final int WRONG_USE = 400;
    static final int NOT_FOUND = 404;
    static final int REFUSED = 409;
    static final int FAILED = 500;
    static final int TOO_MANY = 503;

    private static final long serialVersionUID = 1;

    private final int status;
    private final transient List<String> faults;

    AdminException(int status, String message) {
        this(status, message, List.of());
    }

    AdminException(int status, String message, List<String> faults) {
        super(message);
        this.status = status;
        this.faults = List.copyOf(faults);
    }

    int status() {
        return status;
    }

    /** {@return what is wrong with the configuration, each one line} */
    public List<String> faults() {
        return faults;
    }
}
