package io.l4lb.health.probe;

import java.io.IOException;

/** A backend answered, but not as it should. */
public final class ProbeException extends IOException {
    private static final long serialVersionUID = 1;

    /** An answer that is expected, not a fault of ours: without a stack trace, of which there may be thousands a second. */
    public ProbeException(String message) {
        super(message);
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
